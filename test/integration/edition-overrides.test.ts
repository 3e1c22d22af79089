/** Additions above the cap of an edition make no version of it, and change no byte of a later one. */
import { beforeAll, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { addReply } from '../../lambdas/usecases/ingest/edit/add-reply.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let printer: Printer
beforeAll(async () => {
  printer = await openPrinter()
  return () => printer.close()
})

const inHome = async <Done>(work: (opened: Opened) => Promise<Done>): Promise<Done> => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder, '2024-05-20T00:00:00.000Z', printer)
  try {
    return await work(opened)
  } finally {
    await opened.close()
    await remove()
  }
}

const edition = (cap: Marking) => ({ territory: 'NC', period: parsePeriod('2024-W20'), cap }) as const

const first: DetectionInput = input({
  ...{ id: 'lead', detector: { name: 'Argos', marking: 'TLP:CLEAR' }, marking: 'TLP:GREEN', counts: { posts: 10 } },
  actor: { name: 'BIG', attributedBy: 'VIGINUM' },
})

const quoted: Partial<DetectionInput> = { quotes: [{ text: 'Canary', language: 'fr', marking: 'TLP:RED' }] }
const link = {
  ...{ from: { name: 'BIG', kind: 'group' }, to: { name: 'Canary', kind: 'state' }, basis: 'technical' },
  ...{ fact: { fr: 'Canary', en: 'Canary' }, source: { title: 'Canary', date: '2024-05-18' } },
  ...{ attributedBy: 'VIGINUM', marking: 'TLP:RED' },
} as const
const linked: Partial<DetectionInput> = { ...quoted, actor: { ...first.actor, links: [link] } as never }

/** As `vigie correct --reply` adds it. */
const reply = ({ services }: Opened) =>
  addReply(
    {
      ...{ id: 'lead', by: 'Canary', reason: 'Canary', sender: { name: 'this machine', byOperator: true } },
      reply: { by: 'BIG', text: 'Canary', date: '2024-05-19', source: { title: 'Canary' }, marking: 'TLP:RED' },
    },
    services,
  )
const revise = (changes: Partial<DetectionInput>) => (opened: Opened) => ingestInto(opened, [{ ...first, ...changes }])

/** The files of version 2, by name: made once posts were corrected after some additions, which themselves made none. */
const filesAfter = (
  additions: readonly ((opened: Opened) => Promise<unknown>)[],
  cap: Marking,
  kept: Partial<DetectionInput> = {},
) =>
  inHome(async (opened) => {
    const { services } = opened
    await ingestInto(opened, [first])
    expect((await generateReport(edition(cap), services)).isNew).toBe(true)
    for (const [at, add] of additions.entries()) {
      opened.at(`2024-05-2${1 + at}T00:00:00.000Z`)
      await add(opened)
      expect((await generateReport(edition(cap), services)).isNew).toBe(false)
      expect((await generateReport(edition('TLP:RED'), services)).isNew).toBe(true)
    }
    opened.at('2024-05-28T00:00:00.000Z')
    await revise({ ...kept, counts: { posts: 11 } })(opened)
    const { report, manifest } = await generateReport(edition(cap), services)
    expect(report).toMatchObject({ version: 2, changes: { reasons: ['correction'] } })
    return Object.fromEntries(manifest.files.map(({ name, sha256 }) => [name, sha256]))
  })

it.each([
  ['a quote and a link', 'TLP:GREEN', [revise(quoted), revise(linked)], linked],
  ['a reply', 'TLP:AMBER', [reply], {}],
] as const)('%s above %s makes no version, and a later version has the same bytes', async (_, cap, additions, kept) => {
  const without = await filesAfter([], cap)
  expect(Object.keys(without)).toContain('report.fr.pdf')
  expect(await filesAfter(additions, cap, kept)).toEqual(without)
})
