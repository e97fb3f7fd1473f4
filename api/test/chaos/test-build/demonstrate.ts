import { type BugName, bugNames } from './bugs.ts';
import { demonstrations } from './demonstrations.ts';

// Says of each bug that it is asked for whether it is in this process. The arguments are a database and the names.
const [url = '', ...asked] = process.argv.slice(2);
const found: Partial<Record<BugName, boolean>> = {};
for (const name of bugNames) if (asked.includes(name)) found[name] = await demonstrations[name](url);
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit());
