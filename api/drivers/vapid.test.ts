import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { openVapid } from './vapid.ts';

describe('the VAPID key of an installation', () => {
  it('is one, also when several processes start at once and none was there, and stays', async () => {
    const { url, close } = await openTestDatabase();
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase(url, { poolSize: 1 })));
    try {
      const open = () => Promise.all(databases.map(({ prisma }) => openVapid(prisma)));
      const keys = [...(await open()), ...(await open())];
      const [first] = keys;
      expect(keys).toEqual(keys.map(() => first));
      expect(Buffer.from(first?.publicKey ?? '', 'base64url')).toHaveLength(65);
      expect(Buffer.from(first?.privateKey ?? '', 'base64url')).toHaveLength(32);
      expect(await databases[0]?.prisma.vapidKey.count()).toBe(1);
    } finally {
      for (const database of databases) await database.close();
      await close();
    }
  });
});
