/** `vigie correct --reply`: an analyst adds a reply, and reports show it in both languages with source and date. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Done } from '../../lambdas/usecases/todo/history.ts'
import { jsonOf, ndjson, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let home: string
let cleanUp: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  home = join(made.folder, 'home')
  cleanUp = made.remove
  const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
  const stdin = ndjson(
    input({ id: 'named', marking: 'TLP:GREEN', counts: { posts: 10 }, actor }),
    input({ id: 'nobody', marking: 'TLP:GREEN', counts: { posts: 10 } }),
  )
  await vigie(['--home', home, 'ingest', '-'], { stdin })
})
afterAll(() => cleanUp())

const hostile = '<script>alert(1)</script> see http://evil.example/x'
const why = ['--by', 'Claire', '--reason', 'they wrote to us']
const whole = ['--reply-by', 'BIG', '--reply-date', '2024-05-21', '--reply-source', 'Leur site']
const correct = (id: string, ...words: readonly string[]) => vigie(['--home', home, 'correct', id, ...words, ...why])

test.each([
  ['without who, when and where', ['--reply', 'No.', '--reply-by', 'BIG'], 'takes --reply, --reply-by, --reply-date'],
  ['without a text', whole, 'takes --reply, --reply-by'],
  ['beside --set', ['--set', 'counts.posts=3', '--reply', 'No.', ...whole], 'one of both at a time'],
  ['without anything', [], 'one of both at a time'],
  ['with a date that is none', ['--reply', 'No.', ...whole, '--reply-date', 'soon'], '--reply: date must be a day'],
])('%s it is wrong usage, and nothing is stored', async (_, words, said) => {
  const { code, stderr } = await correct('named', ...words)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  expect(jsonOf(await vigie(['--home', home, '--json', 'explain', 'named']))).toMatchObject({ corrections: [] })
})

test('where nobody is named, it fails and says why', async () => {
  const { code, stderr } = await correct('nobody', '--reply', 'No.', ...whole)
  expect([code, stderr]).toEqual([1, expect.stringContaining('only a named actor can reply')])
})

test('is kept with who and why, shown in both languages, and undone', async () => {
  const texts = [`fr=Nous le rejetons. ${hostile}`, 'en=We reject this.']
  const added = await correct('named', '--reply', ...texts, ...whole, '--reply-url', 'https://evil.example/copy')
  expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/named is corrected \(batch \S+\)/)])
  const batch = /batch (\S+)\)/.exec(added.stdout)?.[1] ?? ''
  expect(
    (await correct('named', '--reply', ...texts, ...whole, '--reply-url', 'https://evil.example/copy')).stdout,
  ).toContain('has that already')
  const secret = await correct('named', '--reply', 'zqsecret', ...whole, '--reply-marking', 'RED')
  expect(secret.code).toBe(0)
  const [deed] = jsonOf<readonly Done[]>(await vigie(['--home', home, '--json', 'history', '--limit', '1']))
  expect(deed).toMatchObject({ did: 'corrected', by: 'Claire', what: ['actor.replies'], marking: 'TLP:RED' })
  const shown = await vigie(['--home', home, 'detections', 'show', 'named'])
  expect(shown.stdout.replace(/\s+/g, ' ')).toContain('reply of BIG: We reject this., Leur site, 2024-05-21')

  expect((await vigie(['--home', home, 'report', 'NC', '2024-W20', '--cap', 'GREEN'])).code).toBe(0)
  const page = async (language: string) =>
    readFile(join(home, `archive/reports/NC/2024-W20/green/v0001/report.${language}.html`), 'utf8')
  const [french, english] = [await page('fr'), await page('en')]
  const row = (text: string, start: string) => text.slice(text.indexOf(start)).replace(/<[^>]*>/g, '')
  expect(row(french, 'Position de la partie en cause')).toMatch(
    /^Position de la partie en cause\s*BIG.: Nous le rejetons\..*\(Leur site, 21.mai.2024, \[https\]:\/\/evil\[\.\]example\/copy, TLP:GREEN\)/s,
  )
  expect(row(english, 'Position of the party named')).toMatch(
    /^Position of the party named\s*BIG: We reject this\. \(Leur site, 21.May.2024, \[https\]/,
  )
  expect(french).toContain('position de la partie en cause')
  for (const text of [french, english]) expect(text).not.toMatch(/<script>alert|https?:\/\/evil|zqsecret/)

  const { corrections } = jsonOf<{ corrections: readonly { field: string; by: string }[] }>(
    await vigie(['--home', home, '--json', 'explain', 'named']),
  )
  expect(corrections).toMatchObject([{ field: 'actor.replies', by: 'Claire' }])
  // What came later is undone first.
  expect((await vigie(['--home', home, 'ingest', 'undo', batch, '--by', 'Claire'])).code).toBe(1)
  const last = /batch (\S+)\)/.exec(secret.stdout)?.[1] ?? ''
  for (const one of [last, batch]) {
    expect((await vigie(['--home', home, 'ingest', 'undo', one, '--by', 'Claire'])).code).toBe(0)
  }
  expect(jsonOf(await vigie(['--home', home, '--json', 'explain', 'named']))).toMatchObject({ corrections: [] })
})
