import webPush from 'web-push';
import type { PrismaClient } from '../../prisma/generated/client/client.ts';

/** With which this installation signs what it sends to Web Push services; both halves base64url. */
export type VapidKey = { readonly publicKey: string; readonly privateKey: string };

/**
 * The key of this installation, made when it has none. Browsers bind their subscriptions to it, so it stays; of several that start
 * at once, one makes it and all use that.
 */
export async function openVapid(prisma: Pick<PrismaClient, 'vapidKey'>): Promise<VapidKey> {
  const where = { id: 1 };
  const known = await prisma.vapidKey.findUnique({ where });
  if (known === null)
    await prisma.vapidKey.createMany({
      data: [{ ...where, ...webPush.generateVAPIDKeys() }],
      skipDuplicates: true,
    });
  const { publicKey, privateKey } = known ?? (await prisma.vapidKey.findUniqueOrThrow({ where }));
  return { publicKey, privateKey };
}
