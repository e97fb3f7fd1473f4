import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorReference } from './error-reference.ts';

// The part of `npm run schema:print` that needs more than the product: sockets have codes of their own.

writeFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), errorReference());
