/**
 * Mails in a real browser: readable by day and by night, on phones and screens, word for word as somebody accepted
 * them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { digestLetterOf } from '../../lambdas/domain/delivery/digest-letter.ts'
import type { Letter } from '../../lambdas/domain/delivery/letter.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { partsOf } from '../../lambdas/mail/body.ts'
import { composeMail } from '../../lambdas/mail/message.ts'
import { trendPicture } from '../../lambdas/mail/picture.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { draftFacts } from '../../lambdas/usecases/reports/generate-report.ts'
import { openReader, type Reader, withChecker } from '../support/browser.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { goldenIn } from '../support/golden.ts'
import { letterOn, links } from '../support/letters.ts'
import { pageText } from '../support/page-text.ts'
import { openServices } from '../support/services.ts'
import { hostileReport } from '../support/stress.ts'

const golden = goldenIn({
  folder: join(import.meta.dirname, '../golden/mail'),
  update: Boolean(process.env.UPDATE_GOLDEN),
  accept: 'run UPDATE_GOLDEN=1 npx vitest run test/deliver/mail-look.test.ts',
  tolerance: 0,
})

/**
 * What is accepted, by file: a full week, the same above GREEN, a correction, a quiet week, a month, the nation,
 * digests.
 */
const samples = [
  'NC-2024-W20.fr',
  'NC-2024-W20.en',
  'NC-2024-W20.amber.fr',
  'NC-2024-W20.correction.en',
  'PF-2024-W20.fr',
  'NC-2024-05.fr',
  'MQ-2024-W41.en',
  'ALL-2024-W20.fr',
  'ALL-2024-W41.en',
  'digest-2024-W20.fr',
  'digest-2024-W20.en',
] as const

type Sample = (typeof samples)[number]

const letters = new Map<string, Letter>()
let reader: Reader

/** The sample detections with those of the autumn left for their own time: a report knows none that lies after it. */
const deliveries = [
  { at: '2024-05-17T05:47:00.000Z', from: '2023-01', to: '2024-05-17' },
  { at: '2024-10-12T05:47:00.000Z', from: '2024-05-18', to: '2024-12' },
] as const

beforeAll(async () => {
  reader = await openReader()
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder)
  const all = readFileSync(story.file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DetectionInput)
  const ingest = async ({ at, from, to }: (typeof deliveries)[number]) => {
    opened.at(at)
    const records = all.filter(({ observed }) => observed.from >= from && observed.from <= to)
    await ingestDetections(
      records.map((one) => ({ detection: detection(one) })),
      'story.ndjson',
      opened.services,
    )
  }
  const facts = (territory: SubjectCode, period: string, cap: Marking) =>
    draftFacts({ territory, period: parsePeriod(period), cap }, opened.services)
  try {
    await ingest(deliveries[0])
    opened.at('2024-05-20T12:00:00.000Z')
    const week = await facts('NC', '2024-W20', 'TLP:GREEN')
    const before = { value: 5187, qualifier: 'exact' } as const
    const changes = {
      version: 1,
      asOf: '2024-05-19T19:30:00.000Z',
      reasons: ['late data', 'correction'] as const,
      figures: [{ figure: 'posts' as const, before, after: week.totals.posts }],
      added: ['one'],
      revised: ['two'],
      removed: [],
      marking: 'TLP:GREEN' as const,
    }
    const english = { language: 'en' } as const
    const french = {
      language: 'fr',
      name: 'Claire Durand',
      organisation: 'Haut-commissariat de la République',
    } as const
    const add = (sample: Sample, report: Report, said: Parameters<typeof letterOn>[1] = {}) =>
      letters.set(sample, letterOn(report, said))
    add('NC-2024-W20.fr', reportOf(week), { recipient: french, attached: true })
    add('NC-2024-W20.en', reportOf(week), { recipient: english, contact: undefined })
    add('NC-2024-W20.amber.fr', reportOf({ ...(await facts('NC', '2024-W20', 'TLP:AMBER')), marking: 'TLP:AMBER' }), {
      recipient: french,
      content: 'nothing',
    })
    add('NC-2024-W20.correction.en', reportOf({ ...week, version: 2, changes }), {
      recipient: english,
      occasion: { kind: 'correction', version: 1 },
    })
    add('PF-2024-W20.fr', reportOf(await facts('PF', '2024-W20', 'TLP:GREEN')))
    add('ALL-2024-W20.fr', reportOf(await facts('ALL', '2024-W20', 'TLP:GREEN')), { recipient: french })
    const [nation, quiet] = [await facts('ALL', '2024-W20', 'TLP:GREEN'), await facts('PF', '2024-W20', 'TLP:GREEN')]
    const amber = { ...(await facts('NC', '2024-W20', 'TLP:AMBER')), marking: 'TLP:AMBER' as const }
    const [first, findings] = [{ kind: 'first' }, 'findings'] as const
    const { read, unsubscribe } = links
    letters.set(
      'digest-2024-W20.fr',
      digestLetterOf({
        recipient: french,
        contact: 'veille@example.org',
        parts: [
          { report: reportOf(nation), content: findings, occasion: first, read },
          { report: reportOf(amber), content: 'nothing', occasion: first, read },
          { report: reportOf(quiet), content: findings, occasion: first, read },
        ],
        late: [
          { subject: 'MQ', period: '2024-W20' },
          { subject: 'RE', period: '2024-W20' },
        ],
        paused: [{ subject: 'TF', period: '2024-W20' }],
        unsubscribe,
      }),
    )
    letters.set(
      'digest-2024-W20.en',
      digestLetterOf({
        recipient: english,
        contact: undefined,
        parts: [
          {
            report: reportOf({ ...week, version: 2, changes }),
            content: findings,
            occasion: { kind: 'correction', version: 1 },
            read,
          },
        ],
        late: [],
        paused: [],
        unsubscribe,
      }),
    )
    add('NC-2024-05.fr', reportOf(await facts('NC', '2024-05', 'TLP:GREEN')))
    await ingest(deliveries[1])
    opened.at('2024-10-14T12:00:00.000Z')
    add('MQ-2024-W41.en', reportOf(await facts('MQ', '2024-W41', 'TLP:GREEN')), { recipient: english })
    add('ALL-2024-W41.en', reportOf(await facts('ALL', '2024-W41', 'TLP:GREEN')), { recipient: english })
  } finally {
    await opened.close()
    await remove()
  }
  const hostile: Report = { ...hostileReport(), marking: 'TLP:GREEN' }
  letters.set('hostile text', letterOn(hostile, { recipient: { language: 'fr', name: 'محافظة '.repeat(20).trim() } }))
})

afterAll(() => reader.close())

const letterOf = (name: string): Letter => {
  const letter = letters.get(name)
  if (!letter) throw new Error(`there is no letter ${name}`)
  return letter
}

/** The HTML as a mail program shows it: with its picture. */
const shown = (letter: Letter): string => {
  const { html } = partsOf(letter, 'trend')
  const trend = letter.shownFindings?.trend
  const picture = trend ? Buffer.from(trendPicture(trend, letter.accent)).toString('base64') : ''
  return html.replace('src="cid:trend"', `src="data:image/png;base64,${picture}"`)
}

const screens = [
  { width: 800, scheme: 'light' },
  { width: 600, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
] as const

type Violation = { readonly id: string; readonly help: string; readonly nodes: readonly { readonly html: string }[] }

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

describe.each([...samples, 'hostile text'])('the mail %s', (name) => {
  it('has nothing against WCAG 2.2 AA, by day and by night', async () => {
    const found: Record<string, readonly string[]> = {}
    const page = await reader.show(shown(letterOf(name)), screens[0])
    await withChecker(page)
    for (const screen of screens) {
      await reader.turn(screen)
      const options = JSON.stringify({ runOnly: tags, resultTypes: ['violations'] })
      const violations = (await page.evaluate(
        `axe.run(document, ${options}).then((run) => run.violations)`,
      )) as Violation[]
      for (const { id, help, nodes } of violations)
        found[`${screen.width} px, ${screen.scheme}: ${id}, ${help}`] = nodes.map(({ html }) => html.slice(0, 200))
    }
    expect(found).toEqual({})
  })

  it('never scrolls sideways, and is as wide as 600 px at most', async () => {
    const page = await reader.show(shown(letterOf(name)), screens[0])
    for (const width of [320, 390, 480, 600, 1200]) {
      await reader.turn({ width, scheme: 'light' })
      const [scrolled, sheet] = (await page.evaluate(
        `[document.documentElement.scrollWidth, document.querySelector('.sheet').getBoundingClientRect().width]`,
      )) as [number, number]
      expect([width, scrolled, sheet]).toEqual([width, width, Math.min(600, width)])
    }
  })

  it('asks for nothing from elsewhere', async () => {
    const page = await reader.show('<p>', screens[0])
    const asked: string[] = []
    const note = (request: { url(): string }) => asked.push(request.url().slice(0, 60))
    page.on('request', note)
    await reader.show(shown(letterOf(name)), screens[0])
    page.off('request', note)
    expect(asked.filter((url) => !url.startsWith('data:') && url !== 'about:blank')).toEqual([])
  })
})

describe('by night', () => {
  it('turns the paper and the ink, and leaves the marking as it is', async () => {
    const page = await reader.show(shown(letterOf('NC-2024-W20.fr')), { width: 600, scheme: 'dark' })
    const colours = await page.evaluate(`(() => {
      const style = (selector) => getComputedStyle(document.querySelector(selector))
      return [style('.sheet').backgroundColor, style('.prose').color, style('.chip').backgroundColor, style('.chip').color,
        style('.chip').fontSize, style('.chip').fontWeight]
    })()`)
    expect(colours).toEqual([
      'rgb(22, 22, 20)',
      'rgb(236, 233, 225)',
      'rgb(0, 0, 0)',
      'rgb(255, 255, 255)',
      '16px',
      '700',
    ])
  })
})

describe('the accepted mails', () => {
  it.each(samples)('%s has its accepted text', (name) => {
    const { html, text } = partsOf(letterOf(name), 'trend')
    expect(golden.text(`${name}.html.txt`, pageText(html))).toBeUndefined()
    expect(golden.text(`${name}.txt`, `Subject: ${letterOf(name).subject}\n\n${text}`)).toBeUndefined()
  })

  it('keep a sign on the line of its word', () => {
    const written = JSON.stringify(letterOf('NC-2024-W20.amber.fr'))
    const letter = JSON.parse(written.replaceAll('Nouvelle-Calédonie', 'Qui paie ?'))
    const { html, text } = partsOf(letter, 'trend')
    const shown = html.slice(html.indexOf('<body')).replaceAll(/<[^>]*>/g, '')
    expect([shown, text].map((one) => /Qui paie(.)\?/u.exec(one)?.[1])).toEqual(['\u202f', '\u202f'])
  })

  it('one is the same message, byte for byte', async () => {
    const { raw } = await composeMail(letterOf('NC-2024-W20.amber.fr'), {
      from: { name: 'Vigie', address: 'vigie@example.org' },
      to: { name: 'Claire Durand', address: 'c.durand@prefecture.example' },
      unsubscribe: links.unsubscribe,
      attachments: [],
      date: new Date('2024-05-20T12:00:00.000Z'),
      id: 'NC.2024-W20.amber.1.sample',
    })
    const source = new TextDecoder().decode(raw).replaceAll('\r\n', '\n')
    expect(golden.text('NC-2024-W20.amber.fr.eml', source)).toBeUndefined()
  })

  it('are those that are compared, and small enough to keep', () => {
    const sizes = golden.sizes()
    const files = [...samples.flatMap((name) => [`${name}.html.txt`, `${name}.txt`]), 'NC-2024-W20.amber.fr.eml']
    expect([...sizes.keys()].sort()).toEqual(files.sort())
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
  })
})
