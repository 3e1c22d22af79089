/** `vigie correct --reply`. What a reply changes is test/usecases/ingest/corrections.test.ts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonOf, ndjson, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let home: string
let remove: () => Promise<void>
const run = (...args: readonly string[]) => vigie(['--home', home, ...args])
beforeAll(async () => {
  const made = await newFolder()
  home = join(made.folder, 'home')
  remove = made.remove
  const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
  const stdin = ndjson(input({ id: 'named', marking: 'TLP:GREEN', counts: { posts: 10 }, actor }))
  await vigie(['--home', home, 'ingest', '-'], { stdin })
})
afterAll(() => remove())

const source = ['--reply-by', 'BIG', '--reply-date', '2024-05-21', '--reply-source', 'Leur site']
const correct = (...words: readonly string[]) => run('correct', 'named', ...words, '--by', 'Claire', '--reason', 'x')

test.each([
  ['who, when and where', ['--reply', 'No.', '--reply-by', 'BIG'], 'takes --reply, --reply-by, --reply-date'],
  ['a text', source, 'takes --reply, --reply-by'],
  ['one action alone', ['--set', 'counts.posts=3', '--reply', 'No.', ...source], 'one of both at a time'],
  ['a valid date', ['--reply', 'No.', ...source, '--reply-date', 'soon'], '--reply: date must be a day'],
])('a reply without %s is wrong usage', async (_, words, message) => {
  const { code, stderr } = await correct(...words)
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

test('the report shows a reply defanged in both languages, and no reply above its cap', async () => {
  const texts = ['fr=Nous le rejetons. <script>alert(1)</script> http://evil.example/x', 'en=We reject this.']
  const added = await correct('--reply', ...texts, ...source, '--reply-url', 'https://evil.example/copy')
  expect([added.code, added.stdout]).toEqual([0, expect.stringMatching(/named is corrected \(batch \S+\)/)])
  expect((await correct('--reply', 'zqsecret', ...source, '--reply-marking', 'RED')).code).toBe(0)
  expect(jsonOf(await run('--json', 'explain', 'named'))).toMatchObject({
    corrections: [{ field: 'actor.replies', by: 'Claire' }],
  })
  const shown = await run('detections', 'show', 'named')
  expect(shown.stdout.replace(/\s+/g, ' ')).toContain('reply of BIG: We reject this., Leur site, 2024-05-21')

  expect((await run('report', 'NC', '2024-W20', '--cap', 'GREEN')).code).toBe(0)
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
  for (const text of [french, english]) expect(text).not.toMatch(/<script>alert|https?:\/\/evil|zqsecret/)
})
