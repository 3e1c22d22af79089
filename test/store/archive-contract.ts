/** The contract of every archive, tested on the folder and on S3. */
import { describe, expect, test } from 'vitest'
import { type Archive, ArchiveConflictError, ArchiveMissingError } from '../../lambdas/archive/archive.ts'
import { type Content, contentOf, OtherContentError, wholeOf } from '../../lambdas/domain/core/text/content.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Generates its bytes as they are read; each number gives others. */
const large = (size: number, number = 0): Content => {
  const piece = (at: number) => new Uint8Array(Math.min(100_000, size - at)).fill((at / 100_000 + number) % 251)
  const pieces = function* () {
    for (let at = 0; at < size; at += 100_000) yield piece(at)
  }
  const { sha256 } = contentOf(Buffer.concat([...pieces()]))
  return { size, sha256, pieces }
}

/** Fails after so many bytes. */
const brokenAfter = (content: Content, most: number): Content => ({
  ...content,
  pieces: async function* () {
    let size = 0
    for await (const piece of content.pieces()) {
      size += piece.byteLength
      if (size > most) throw new Error('the disk is gone')
      yield piece
    }
  },
})

const keysOf = async (archive: Archive, prefix: string): Promise<string[]> => {
  const keys: string[] = []
  for await (const key of archive.list(prefix)) keys.push(key)
  return keys
}

/** @param make opens an empty archive */
export const archiveContract = (name: string, make: () => Promise<Archive>): void => {
  describe(`${name} keeps the contract of an archive`, () => {
    test.each([
      ['text', bytes('é ≥ ə')],
      ['nothing', new Uint8Array()],
      ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
    ])('gives back %s', async (_, body) => {
      const archive = await make()
      expect(await archive.put('reports/FR-971/2024-W20/amber/v0001/report.json', body, 'text/plain')).toBe('written')
      const got = await archive.get('reports/FR-971/2024-W20/amber/v0001/report.json')
      expect(Buffer.from(got).equals(body)).toBe(true)
    })

    test('recognises the same bytes, and refuses others', async () => {
      const archive = await make()
      await archive.put('a/b.json', bytes('one'), 'application/json')
      expect(await archive.put('a/b.json', bytes('one'), 'application/json')).toBe('already-there')
      const refused = archive.put('a/b.json', bytes('two'), 'application/json')
      await expect(refused).rejects.toBeInstanceOf(ArchiveConflictError)
      await expect(refused).rejects.toThrow('a/b.json')
      expect(Buffer.from(await archive.get('a/b.json')).toString()).toBe('one')
    })

    test.each([0, 99_999, 3_000_000])('stores and reads a content of %i bytes in pieces', async (size) => {
      const archive = await make()
      const content = large(size)
      expect(await archive.put('a/b.csv', content, 'text/csv')).toBe('written')
      expect(await archive.put('a/b.csv', content, 'text/csv')).toBe('already-there')
      const pieces = await Array.fromAsync(archive.read('a/b.csv'))
      expect(contentOf(Buffer.concat(pieces))).toMatchObject({ size, sha256: content.sha256 })
      if (size > 1_000_000) expect(pieces.length).toBeGreaterThan(1)
      expect(contentOf(await archive.get('a/b.csv'))).toMatchObject({ size, sha256: content.sha256 })
      await expect(archive.put('a/b.csv', large(size + 1), 'text/csv')).rejects.toBeInstanceOf(ArchiveConflictError)
    })

    test.each([50_000, 3_000_000])('leaves nothing of a content of %i bytes that fails or differs', async (size) => {
      const archive = await make()
      const content = large(size)
      await expect(archive.put('a', brokenAfter(content, size / 2), 'text/csv')).rejects.toThrow('the disk is gone')
      const others = [large(size, 1), large(size - 1), large(size + 1), large(0)]
      for (const { pieces } of others) {
        await expect(archive.put('a', { ...content, pieces }, 'text/csv')).rejects.toBeInstanceOf(OtherContentError)
      }
      expect(await keysOf(archive, '')).toEqual([])
      expect(await archive.put('a', content, 'text/csv')).toBe('written')
    })

    test('allows to stop reading, and to begin again', async () => {
      const archive = await make()
      const content = large(3_000_000)
      await archive.put('a', content, 'text/csv')
      for await (const piece of archive.read('a')) {
        expect(piece.byteLength).toBeGreaterThan(0)
        break
      }
      expect(contentOf(await wholeOf(archive.read('a')))).toMatchObject({ sha256: content.sha256 })
    })

    test('names a missing key', async () => {
      const archive = await make()
      await archive.put('a/b.json', bytes('one'), 'application/json')
      for (const key of ['absent', 'a', 'a/c', 'a/b.json/c']) {
        await expect(archive.get(key)).rejects.toBeInstanceOf(ArchiveMissingError)
        await expect(archive.get(key)).rejects.toThrow(key)
        await expect(wholeOf(archive.read(key))).rejects.toBeInstanceOf(ArchiveMissingError)
        await expect(wholeOf(archive.read(key))).rejects.toThrow(key)
      }
    })

    test('lists keys in byte order, by any prefix', async () => {
      const archive = await make()
      const keys = ['a+b', 'a-b/c', 'a.b', 'a/b', 'a/b-c/d', 'a/b.c', 'a0', 'a_b', 'B/a', 'aa/b/c/d']
      for (const key of keys.toReversed()) await archive.put(key, bytes(key), 'text/plain')
      const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      expect(await keysOf(archive, '')).toEqual(sorted)
      for (const prefix of ['a', 'a/', 'a/b', 'a/b-', 'aa/b/c', 'a/b/', 'aa/b/c/d', 'z', '../', '/']) {
        expect(await keysOf(archive, prefix)).toEqual(sorted.filter((key) => key.startsWith(prefix)))
      }
    })

    test.each(
      [
        ...['', '/', '/etc/passwd', 'a/../../up', 'a/..', '.', 'a/./b', 'a//b', 'a/', '.hidden', 'a/.hidden'],
        ...['a\\..\\b', 'C:\\a', 'a\0b', 'a b', 'a\n', 'é', '%2e%2e/a', 'a'.repeat(1025)],
      ].map((key) => [key.slice(0, 20), key] as const),
    )('%j is no key', async (_, key) => {
      const archive = await make()
      await expect(archive.put(key, bytes('x'), 'text/plain')).rejects.toThrow('is no archive key')
      await expect(archive.get(key)).rejects.toThrow('is no archive key')
      await expect(wholeOf(archive.read(key))).rejects.toThrow('is no archive key')
      expect(() => archive.locate(key)).toThrow('is no archive key')
      expect(await keysOf(archive, '')).toEqual([])
    })

    test('writes the same bytes once, from several writers at once', async () => {
      const archive = await make()
      const body = new Uint8Array(300_000).fill(1)
      const results = await Promise.all(Array.from({ length: 12 }, () => archive.put('race', body, 'text/plain')))
      expect(results.filter((result) => result === 'written')).toHaveLength(1)
      expect(results.filter((result) => result === 'already-there')).toHaveLength(11)
    })

    test('writes the bytes of one of several writers at once', async () => {
      const archive = await make()
      const bodies = Array.from({ length: 12 }, (_, number) => new Uint8Array(300_000).fill(number))
      const results = await Promise.allSettled(bodies.map((body) => archive.put('race', body, 'text/plain')))
      const winners = bodies.filter((_, number) => results[number]?.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ArchiveConflictError)
      }
      expect(winners[0] && Buffer.from(await archive.get('race')).equals(winners[0])).toBe(true)
    })

    test('locates an object without a request', async () => {
      expect((await make()).locate('a/b.json')).toMatch(/^(\/|[A-Z]:\\|s3:\/\/).*a[/\\]b\.json$/)
    })
  })
}
