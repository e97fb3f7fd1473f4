import { rowIdOf } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';

/** What the viewer's device acknowledged so far, as one complete cursor; undefined when it never did. */
export async function acknowledgedBy({ prisma, viewer }: ViewerScope): Promise<string | undefined> {
  const where = { deviceId: rowIdOf.device(viewer.deviceId) };
  return (await prisma.acknowledgement.findUnique({ where }))?.cursor;
}

/** Replaces what a device acknowledged, if it is still what it was; false when somebody else has replaced it. */
export async function keepAcknowledged(
  { prisma, viewer }: ViewerScope,
  { before, after }: { readonly before: string | undefined; readonly after: string },
): Promise<boolean> {
  const written = await prisma.$executeRaw`
    INSERT INTO acknowledgement AS a (device_id, cursor) VALUES (${rowIdOf.device(viewer.deviceId)}, ${after})
    ON CONFLICT (device_id) DO UPDATE SET cursor = EXCLUDED.cursor WHERE a.cursor = ${before ?? null}`;
  return written > 0;
}
