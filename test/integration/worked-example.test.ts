/** The files, commands and output of the worked example in docs/start.md. */
import { existsSync, readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marked } from 'marked'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, vigie } from '../support/cli.ts'
import { commandsIn, guide, wordsOf } from '../support/guides.ts'

type Step = { readonly commands: readonly string[]; readonly printed: readonly string[] }

const page = await guide('start')
const sectionOf = (title: string): string => {
  const [, section] = page.split(`\n## ${title}\n`)
  if (section === undefined) throw new Error(`docs/start.md has no section ${title}`)
  return section.split('\n## ')[0] ?? ''
}

const example = sectionOf('From a table to a mailed report')
const blocks = marked.lexer(example).flatMap((token) => (token.type === 'code' ? [token] : []))
const steps = blocks.flatMap((block, at): Step[] => {
  if (block.lang !== 'sh') return []
  const next = blocks[at + 1]
  return [
    {
      commands: commandsIn(`\`\`\`sh\n${block.text}\n\`\`\``, 'npx vigie'),
      printed: next?.lang === 'text' ? String(next.text).split('\n') : [],
    },
  ]
})

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  for (const { lang = '', text } of blocks) {
    const [, file] = String(lang).split(' ')
    if (file) await writeFile(join(folder, file), `${text}\n`)
  }
})
afterAll(() => remove())

test('each step prints the output on the page, where … is any text', async () => {
  expect(steps.length).toBeGreaterThan(4)
  for (const { commands, printed } of steps) {
    let output = ''
    for (const command of commands) {
      const { stdout, stderr, code } = await vigie(wordsOf(command), {
        cwd: folder,
        env: { VIGIE_HOME: join(folder, 'home') },
      })
      expect([command, code, stderr]).toEqual([command, /rejected: /.test(stdout) ? 1 : 0, expect.any(String)])
      output += stdout
    }
    for (const line of printed) {
      const pattern = line
        .split('…')
        .map((part) => RegExp.escape(part))
        .join('.*')
      expect(output).toMatch(new RegExp(pattern))
    }
  }
})

test('the outbox has a report and its correction', async () => {
  const outbox = join(folder, 'home/outbox')
  const mails = (await readdir(outbox)).filter((file) => file.endsWith('.eml')).toSorted()
  const subjects = await Promise.all(
    mails.map(async (file) => (await PostalMime.parse(readFileSync(join(outbox, file)))).subject),
  )
  expect(subjects).toHaveLength(2)
  expect(subjects[0]).toContain('Nouvelle-Calédonie')
  expect(subjects[1]).toMatch(/[Cc]orrect/)
})

test('the picture of a report exists', () => {
  const pictures = [...sectionOf('A report, page by page').matchAll(/!\[.*?\]\((.*?)\)/g)].map(([, path = '']) => path)
  expect(pictures).toHaveLength(1)
  for (const path of pictures)
    expect([path, existsSync(new URL(`../../docs/${path}`, import.meta.url))]).toEqual([path, true])
})
