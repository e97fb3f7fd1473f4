import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../sync/database.ts';
import { createStorage, type Fields, type Storage } from './storage.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

let count = 0;
function createBrowser() {
  count += 1;
  const name = `storage-${count}`;
  return async function openTab(shape = 'now') {
    const database = await openDatabase(name);
    const written: Fields[] = [];
    const storage = createStorage(database, {
      shape,
      marked: 'KeptCursors:stream',
      onWritten: (fields) => written.push(fields),
    });
    const entries = await storage.readData();
    open.push(storage, database);
    return { storage, entries, written };
  };
}
const cursor = (name: string) => ({ 'KeptCursors:stream.list': `["${name}"]` });
const isWritten = (written: readonly Fields[], name: string) =>
  vi.waitFor(() => expect(written.at(-1)?.list).toBe(`["${name}"]`));
const write = (storage: Storage, text: string, name: string) =>
  storage.writeData({ 'Message:1.text': text, ...cursor(name) });

describe('What is stored', () => {
  it('is there after a reload, with the cursors that belong to it', async () => {
    const openTab = createBrowser();
    const { storage, written } = await openTab();
    storage.lead();
    await write(storage, '"one"', 'a');
    await isWritten(written, 'a');
    const { entries } = await openTab();
    expect(entries).toEqual({ 'Message:1.text': '"one"', ...cursor('a') });
  });

  it('changes field by field, and loses what has gone', async () => {
    const openTab = createBrowser();
    const { storage, written } = await openTab();
    storage.lead();
    await storage.writeData({ 'Message:1.text': '"one"', 'Message:1.number': '1', ...cursor('a') });
    await storage.writeData({ 'Message:1.text': undefined, ...cursor('b') });
    await isWritten(written, 'b');
    expect((await openTab()).entries).toEqual({ 'Message:1.number': '1', ...cursor('b') });
  });

  it('is stored when a tab is closed, though nobody has waited', async () => {
    const openTab = createBrowser();
    const { storage } = await openTab();
    storage.lead();
    await write(storage, '"one"', 'a');
    await storage.close();
    expect((await openTab()).entries).toEqual({ 'Message:1.text': '"one"', ...cursor('a') });
  });

  it('is of the tab that leads alone', async () => {
    const openTab = createBrowser();
    const { storage } = await openTab();
    await write(storage, '"one"', 'a');
    await storage.close();
    expect((await openTab()).entries).toEqual({});
  });

  it('is never a mixture of two tabs: who comes to lead replaces all of it', async () => {
    const openTab = createBrowser();
    const [first, second] = [await openTab(), await openTab()];
    first.storage.lead();
    await first.storage.writeData({
      'Message:1.text': '"of the first"',
      'Message:2.text': '"too"',
      ...cursor('a'),
    });
    await isWritten(first.written, 'a');
    await write(second.storage, '"of the second"', 'b');
    first.storage.follow();
    second.storage.lead();
    await isWritten(second.written, 'b');
    expect((await openTab()).entries).toEqual({ 'Message:1.text': '"of the second"', ...cursor('b') });
  });

  it('is not read by a page that has other fields, which replaces it', async () => {
    const openTab = createBrowser();
    const before = await openTab('before');
    before.storage.lead();
    await before.storage.writeData({ 'Message:1.text': '"one"', 'Message:2.text': '"two"', ...cursor('a') });
    await before.storage.close();
    const after = await openTab();
    expect(after.entries).toEqual({});
    after.storage.lead();
    await write(after.storage, '"new"', 'b');
    await isWritten(after.written, 'b');
    expect((await openTab()).entries).toEqual({ 'Message:1.text': '"new"', ...cursor('b') });
  });

  it('is given up when it is too much, so that the next start reads from the server', async () => {
    const openTab = createBrowser();
    const { storage, written } = await openTab();
    storage.lead();
    const many = Array.from({ length: 20_001 }, (_, at) => [`Message:${at}.text`, '"x"'] as const);
    await storage.writeData({ ...Object.fromEntries(many), ...cursor('a') });
    await isWritten(written, 'a');
    expect((await openTab()).entries).toEqual({});
  });
});
