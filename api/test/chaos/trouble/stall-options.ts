/** What Node is told at every start of a server that is to be stalled now and then: see stall.mjs. */
export const stallOptions: readonly string[] = ['--import', new URL('stall.mjs', import.meta.url).href];
