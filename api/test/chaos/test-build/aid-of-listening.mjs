// For the bug that reads the head before it subscribes.

/** In milliseconds: what a subscription takes when Redis is busy. */
const subscribingMs = 250;

globalThis.testBuild ??= {};
globalThis.testBuild.beforeListening = () => new Promise((resolve) => setTimeout(resolve, subscribingMs));
