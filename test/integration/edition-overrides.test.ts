/** What is added to a detection above an edition's cap makes no version of it, and changes no byte of a later one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { addReply } from '../../lambdas/usecases/ingest/edit/add-reply.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let printer: Printer
beforeAll(async () => {
  printer = await openPrinter()
})
afterAll(async () => printer.close())

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

const detector = { name: 'Argos', marking: 'TLP:CLEAR' } as const

const first: DetectionInput = input({
  ...{ id: 'lead', detector, marking: 'TLP:GREEN', counts: { posts: 10 } },
  actor: { name: 'BIG', attributedBy: 'VIGINUM' },
})

const said: Partial<DetectionInput> = { quotes: [{ text: 'Canary', language: 'fr', marking: 'TLP:RED' }] }
const link = {
  ...{ from: { name: 'BIG', kind: 'group' }, to: { name: 'Canary', kind: 'state' }, basis: 'technical' },
  ...{ fact: { fr: 'Canary', en: 'Canary' }, source: { title: 'Canary', date: '2024-05-18' } },
  ...{ attributedBy: 'VIGINUM', marking: 'TLP:RED' },
} as const

/** By a person, as `vigie correct --reply` adds it. */
const replied = ({ services }: Opened) =>
  addReply(
    {
      ...{ id: 'lead', by: 'Canary', reason: 'Canary', sender: { name: 'this machine', byOperator: true } },
      reply: { by: 'BIG', text: 'Canary', date: '2024-05-19', source: { title: 'Canary' }, marking: 'TLP:RED' },
    },
    services,
  )

describe('what is added above the cap', () => {
  it('makes no version, and a later one is the same as if it had never come', async () => {
    const filesAfter = async (
      revisions: readonly (Partial<DetectionInput> | ((opened: Opened) => Promise<unknown>))[],
      cap: Marking = 'TLP:GREEN',
    ) =>
      inHome(async (opened) => {
        const { services } = opened
        await ingestInto(opened, [first])
        expect((await generateReport(edition(cap), services)).isNew).toBe(true)
        for (const [at, more] of revisions.entries()) {
          opened.at(`2024-05-2${1 + at}T00:00:00.000Z`)
          await (typeof more === 'function' ? more(opened) : ingestInto(opened, [{ ...first, ...more }]))
          expect((await generateReport(edition(cap), services)).isNew).toBe(false)
          expect((await generateReport(edition('TLP:RED'), services)).isNew).toBe(true)
        }
        opened.at('2024-05-28T00:00:00.000Z')
        await ingestInto(opened, [
          { ...first, ...revisions.findLast((one) => typeof one === 'object'), counts: { posts: 11 } },
        ])
        const { report, manifest } = await generateReport(edition(cap), services)
        expect(report).toMatchObject({ version: 2, changes: { reasons: ['correction'] } })
        const files = manifest.files.map(async ({ name }) => {
          const bytes = await services.archive.get(archiveKey(edition(cap), 2, name))
          return [name, Buffer.from(bytes ?? []).toString('base64')] as const
        })
        return new Map(await Promise.all(files))
      })
    const without = await filesAfter([])
    const withAbove = await filesAfter([said, { ...said, actor: { ...first.actor, links: [link] } as never }])
    expect([...without.keys()]).toContain('report.fr.pdf')
    for (const [name, bytes] of without) expect([name, withAbove.get(name) === bytes]).toEqual([name, true])
    for (const cap of ['TLP:GREEN', 'TLP:AMBER'] as const) {
      const [unsaid, said] = [await filesAfter([], cap), await filesAfter([replied], cap)]
      for (const [name, bytes] of unsaid) expect([cap, name, said.get(name) === bytes]).toEqual([cap, name, true])
    }
  })
})
