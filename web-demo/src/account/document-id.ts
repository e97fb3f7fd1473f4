/** The id under which a server that comes with this page knows a document. Another server, or a newer one, may not know it. */
export function idOf(document: object): string | undefined {
  const meta = '__meta__' in document ? document.__meta__ : undefined;
  const hash = typeof meta === 'object' && meta !== null && 'hash' in meta ? meta.hash : undefined;
  return typeof hash === 'string' && import.meta.env.PROD ? hash : undefined;
}
