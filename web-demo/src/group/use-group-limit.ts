import { useQuery } from 'urql';
import { GroupLimitsDocument } from '../gql/graphql.ts';

/** How many people a group can have on this server; undefined until that is known. */
export function useGroupLimit(): number | undefined {
  const [{ data }] = useQuery({ query: GroupLimitsDocument });
  return data?.server.limits.membersPerGroup;
}
