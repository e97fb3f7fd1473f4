import { errorAdvice, errorCatalogue } from '../schema/errors.ts';
import { refusalAdvice, refusals } from '../schema/verdict.ts';
import { closeReasons } from './socket/close-code.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');
const rowOf = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [rowOf(heads), `|${'---|'.repeat(heads.length)}`, ...rows.map(rowOf)].join('\n');

type Texts = Readonly<Record<string, string>>;
/** One row per code. What a client does is typed by all codes of the catalogue, so none is forgotten. */
const codesOf = (meanings: Texts, advice: Texts) =>
  tableOf(
    ['Code', 'Meaning', 'What a client does'],
    Object.entries(meanings).map(([code, meaning]) => [`\`${code}\``, meaning, advice[code] ?? '']),
  );

const closeCodes = () =>
  tableOf(
    ['Code', 'Reason', 'Meaning', 'Come back?', 'What a client does'],
    Object.values(closeReasons)
      .toSorted((a, b) => a.code - b.code)
      .map(({ code, reason, meaning, mayRetry, advice }) => [
        ...[`\`${code}\``, `\`${reason}\``, meaning],
        ...[mayRetry ? 'yes' : 'no', advice],
      ]),
  );

/** Every code that a client can meet, as the page docs/errors.md. */
export const errorReference = (): string => `# Codes

<!-- Printed by \`npm run schema:print\` from schema/errors.ts, schema/verdict.ts and api/socket/close-code.ts. -->

Three kinds of codes, in three places. There are no others, and none is ever renamed; new ones can come, so treat one that you do not
know like its kind.

## Errors

In \`errors[].extensions.code\` of a result, over every transport: the request could not be done as it was asked. \`retryAfterMs\` and
\`requestId\` stand beside the code.

${codesOf(errorCatalogue, errorAdvice)}

## Refusals

In the data of a mutation, as \`Denied\` or \`InvalidInput\`: the request was understood, and a rule said no. \`explanation\` has words for
people, \`until\` of \`Denied\` says when trying again makes sense, and \`field\` of \`InvalidInput\` names what cannot be used.

${codesOf(refusals, refusalAdvice)}

## Close codes

A socket is closed with one of these. A request to open one can also be refused before there is a socket: \`403\` for a page that
\`ALLOWED_ORIGINS\` does not name, \`404\` for another path, \`503\` while the server stops.

${closeCodes()}
`;
