import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../prisma/embedded/run.ts';

/** Making a key takes a tenth of a second; a busy computer is forgiven. */
const timeoutMs = 30_000;

/** A certificate for this computer that nobody has signed, with its key in the same file; undefined where there is no openssl. */
export async function makeCertificate(folder: string): Promise<string | undefined> {
  const [key, signed] = [join(folder, 'key.pem'), join(folder, 'signed.pem')];
  const made = await run(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', signed, '-days', '30', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ],
    { timeoutMs },
  );
  if (!made.ok) return undefined;
  const file = join(folder, 'certificate.pem');
  const parts = await Promise.all([signed, key].map((part) => readFile(part, 'utf8')));
  await writeFile(file, parts.join(''), { mode: 0o600 });
  return file;
}
