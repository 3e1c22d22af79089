/** The key for pseudonyms: where it comes from, one key for all who ask at once, and what is refused. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { pseudonymOf } from '../../lambdas/domain/detection/revisions/pseudonym.ts'
import { openPseudonyms } from '../../lambdas/keys/pseudonyms.local.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'vigie-key-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const file = () => join(home, 'pseudonym.key')
const key = '00112233445566778899aabbccddeeff'
const keep = async (text: string, mode = 0o600) => {
  await writeFile(file(), text)
  await chmod(file(), mode)
}
const refused = async (environment: Record<string, string> = {}): Promise<string> => {
  const error: unknown = await openPseudonyms(home, environment).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  return (error as Error).message
}

test('the key in the environment is taken, and no file is made', async () => {
  const { pseudonym, source, made } = await openPseudonyms(home, { VIGIE_PSEUDONYM_KEY: ` ${key}\n` })
  expect(pseudonym('@Name')).toBe(pseudonymOf(Buffer.from(key, 'hex'))('name'))
  expect({ source, made }).toEqual({ source: 'VIGIE_PSEUDONYM_KEY', made: false })
  expect(await readdir(home)).toEqual([])
})

test.each([
  ['too short', '00112233445566778899aabbccddee', 'has 15 bytes, at least 16 are needed'],
  ['a word', 'correct horse battery staple', 'is not hexadecimal'],
  ['an odd digit', `${key}0`, 'is not hexadecimal'],
])('a key in the environment that is %s is refused, and not shown', async (_, given, said) => {
  const message = await refused({ VIGIE_PSEUDONYM_KEY: given })
  expect(message).toContain(`in VIGIE_PSEUDONYM_KEY ${said}`)
  expect(message).not.toContain(given)
})

test('without one, a key of 32 bytes is made in the home for this user alone, once', async () => {
  const first = await openPseudonyms(home, { VIGIE_PSEUDONYM_KEY: '' })
  expect(first).toMatchObject({ source: file(), made: true })
  const written = await readFile(file(), 'utf8')
  expect(written).toMatch(/^[0-9a-f]{64}\n$/)
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect(await readdir(home)).toEqual(['pseudonym.key'])
  const second = await openPseudonyms(home, {})
  expect(second.made).toBe(false)
  expect(second.pseudonym('name')).toBe(first.pseudonym('name'))
  expect(await readFile(file(), 'utf8')).toBe(written)
})

test('processes that ask at once get one key', async () => {
  const module = fileURLToPath(new URL('../../lambdas/keys/pseudonyms.local.ts', import.meta.url))
  const script = `import { openPseudonyms } from ${JSON.stringify(module)}
const all = await Promise.all(Array.from({ length: 20 }, () => openPseudonyms(${JSON.stringify(home)}, {})))
console.log(JSON.stringify(all.map(({ pseudonym, made }) => [pseudonym('name'), made])))`
  const asked = Array.from({ length: 4 }, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
    await once(child, 'close')
    return JSON.parse(printed) as [string, boolean][]
  })
  const answers = (await Promise.all(asked)).flat()
  expect(answers).toHaveLength(80)
  expect(new Set(answers.map(([pseudonym]) => pseudonym)).size).toBe(1)
  expect(answers.filter(([, made]) => made)).toHaveLength(1)
  expect(await readdir(home)).toEqual(['pseudonym.key'])
})

test.each([
  ['empty', '', 'has 0 bytes'],
  ['too short', 'aabb', 'has 2 bytes'],
  ['no key', 'hello', 'is not hexadecimal'],
])('a key file that is %s is refused, and left as it is', async (_, text, said) => {
  await keep(text)
  expect(await refused()).toContain(`in ${file()} ${said}`)
  expect(await readFile(file(), 'utf8')).toBe(text)
})

test.each([0o644, 0o640, 0o604])('a key file that others may read (%o) is refused', async (mode) => {
  await keep(key, mode)
  const message = await refused()
  expect(message).toContain(`may be read by others (mode ${mode.toString(8)}): run chmod 600`)
  expect(message).not.toContain(key)
})

test.skipIf(process.getuid?.() === 0)('a key file that cannot be read is refused', async () => {
  await keep(key, 0o000)
  expect(await refused()).toContain(`${file()} cannot be read`)
})

test('a folder in its place is refused', async () => {
  await mkdir(file())
  expect(await refused()).toContain(`${file()} is no file`)
})

test('a huge file in its place is refused before it is read', async () => {
  await keep('0'.repeat(5_000))
  expect(await refused()).toContain('has 5000 bytes, and so is no key')
})

test('a home that is not there says that the file cannot be made', async () => {
  await rm(home, { recursive: true })
  expect(await refused()).toContain(`${file()} cannot be made`)
})
