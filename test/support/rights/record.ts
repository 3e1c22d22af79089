/**
 * What was asked for and allowed in the tests on the stack: kept in record.ndjson, by which test/lib/rights.test.ts
 * tells whether each grant is needed. `npm run rights` makes it anew.
 */
import { readFileSync } from 'node:fs'
import { glob, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Asking } from './enforce.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const file = fileURLToPath(new URL('./record.ndjson', import.meta.url))

export const readRecord = (): readonly Asking[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Asking)

/** One that a grant tells from no other stands once: each key by itself. */
const inOrder = (lines: readonly string[]): readonly Asking[] => {
  const each = lines.flatMap((line): Asking[] => {
    const asking = JSON.parse(line) as Asking
    const keys = asking.context['dynamodb:LeadingKeys']
    if (!Array.isArray(keys)) return [asking]
    return keys.map((key) => ({ ...asking, context: { ...asking.context, 'dynamodb:LeadingKeys': [key] } }))
  })
  return [...new Set(each.map((one) => JSON.stringify(one)))].sort().map((line) => JSON.parse(line) as Asking)
}

export const writeRecord = async (lines: readonly string[]): Promise<number> => {
  const record = inOrder(lines)
  await writeFile(file, record.map((one) => `${JSON.stringify(one)}\n`).join(''))
  return record.length
}

export const linesIn = async (recorded: string): Promise<readonly string[]> =>
  (await readFile(recorded, 'utf8')).split('\n').filter((line) => line !== '')

/** What a run used that the record does not have, with +, and what the record has that it did not use, with -. */
export const changesIn = async (recorded: string): Promise<readonly string[]> => {
  const textOf = (record: readonly Asking[]) => new Set(record.map((one) => JSON.stringify(one)))
  const [kept, used] = [textOf(readRecord()), textOf(inOrder(await linesIn(recorded)))]
  return [
    ...[...used.difference(kept)].map((line) => `+ ${line}`),
    ...[...kept.difference(used)].map((line) => `- ${line}`),
  ]
}

/** The test files whose stack is on stand-ins, from the root of the project. */
export const filesOnStack = async (): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const path of glob('test/**/*.test.ts', { cwd: root })) {
    if (/\bstartStack\(|\bopenGrounds\(/.test(await readFile(`${root}${path}`, 'utf8'))) found.push(path)
  }
  return found.sort()
}
