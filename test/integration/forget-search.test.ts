/** After an account was forgotten, what still names it is listed: in the table, in archived versions, in the outbox. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { CommandAnswers } from '../../bin/cli/answers.ts'
import { jsonOf, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, openedOn, reportFrom } from '../support/services.ts'

let folder: string
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  return made.remove
})

const name = 'Martin_Dupont'
type Forgot = CommandAnswers['forget'] & { readonly remains: readonly object[] }

const forget = async (account: string) => {
  const text = await vigie(['forget', account, '--home', folder])
  const json = await vigie(['forget', account, '--home', folder, '--json'])
  expect([text.code, json.code]).toEqual([0, 0])
  return { text: text.stdout, json: jsonOf<Forgot>(json) }
}

test('lists the archived version and the texts that name it, and the PDFs that were not searched', async () => {
  await openedOn(folder, async (opened) => {
    opened.at('2024-05-20T00:00:00.000Z')
    const summary = { fr: `Relayé par @${name} puis par d’autres.`, en: `Relayed by @${name}, then by others.` }
    await ingestInto(opened, [input({ id: 'a', summary }), input({ id: 'b', title: { fr: `Selon ${name}` } })])
    await reportFrom(opened, 'NC', '2024-W20')
    await reportFrom(opened, 'PF', '2024-W20')
  })
  await mkdir(join(folder, 'outbox'), { recursive: true })
  await writeFile(join(folder, 'outbox/one.eml'), `To: ana@example.org\r\n\r\nvu par @Martin_=\r\nDupont\r\n`)

  const { text, json } = await forget(`@${name.toUpperCase()}`)
  expect(text).toContain('archived report NC 2024-W20 version 1, TLP:AMBER: ')
  expect(text).toContain('report.fr.html')
  expect(text).toContain('named in detections: b, revision 1')
  expect(text).not.toContain('detections: a,')
  expect(text).not.toContain('report PF')
  expect(json.remains).toEqual(
    expect.arrayContaining([
      {
        ...{ of: 'archive', id: 'NC/2024-W20/amber/v0001', marking: 'TLP:AMBER', as: 'name' },
        files: expect.arrayContaining(['report.fr.html', 'report.json', 'report.stix.json', 'detections.csv']),
        notSearched: expect.arrayContaining([expect.stringMatching(/\.pdf$/)]),
      },
      { of: 'outbox', id: 'one.eml', as: 'name' },
    ]),
  )
})

test('states where it searched if nothing remains, and does not take a longer name for it', async () => {
  await openedOn(folder, async (opened) => {
    opened.at('2024-05-20T00:00:00.000Z')
    const summary = { fr: `Relayé par @${name}_2.` }
    await ingestInto(opened, [input({ id: 'a', summary, accountRefs: [`${name}2`] })])
    await reportFrom(opened, 'NC', '2024-W20')
  })
  const { text, json } = await forget(name)
  expect(json.remains).toEqual([])
  expect(text).toMatch(
    /nothing that names it was found in \d+ stored items, \d+ archived files and 0 mails of the outbox/,
  )
  expect(text).toContain('not searched: PDFs')
})
