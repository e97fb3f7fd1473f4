import { createECDH, createHash, randomBytes } from 'node:crypto';

const p256dh = createECDH('prime256v1').generateKeys('base64url');
const auth = randomBytes(16).toString('base64url');

/** Where a browser is woken, as it says it: another place for each name. */
export const webAddress = (name: string) => ({
  web: { url: `https://fcm.googleapis.com/fcm/send/${encodeURIComponent(name)}`, p256dh, auth },
});

/** Where an app is woken: another token for each name. */
export const appleAddress = (name: string) => ({
  apns: { token: createHash('sha256').update(name).digest('hex'), topic: 'com.example.chat' },
});
