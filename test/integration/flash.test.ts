/** A flash note on a home: made, found again, held from mail until it is approved, expired; and what it hides. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { FlashCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { awaitsApproval } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { explainDetection } from '../../lambdas/usecases/detections/explain-detection.ts'
import { approveFlash } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import { flashAsked } from '../../lambdas/usecases/reports/flash/ask-flash.ts'
import { listFlash } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import { generateReport, HeldReportError, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { flashAbout } from '../../lambdas/usecases/reports/reading/read-flash.ts'
import { newFolder, vigie, vigieJson } from '../support/cli.ts'
import { ago, now } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let home: string
let opened: Opened

const hour = 3_600_000
const hoursAgo = (hours: number) => ago(hours * hour)

/** Of the last hours in the first home. */
const recent = (id: string, hours: number, more: Parameters<typeof input>[0] = {}) =>
  input({ id, observed: { from: hoursAgo(hours) }, marking: 'TLP:GREEN', ...more })
/** Of 15 May 2024, in homes of that time. */
const green = (id: string, more: Parameters<typeof input>[0] = {}) => input({ id, marking: 'TLP:GREEN', ...more })

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  await ingestInto(opened, [
    recent('photo', 42.5, {
      ...{ title: { fr: 'Photo détournée', en: 'Diverted photo' }, breakout: { category: 4 } },
      counts: { posts: 5187, accounts: 1686 },
    }),
    recent('video', 10, { territories: ['NC', 'PF'], marking: 'TLP:AMBER' }),
    recent('bare', 20, { title: { en: 'Only a title' }, observed: { from: hoursAgo(20).slice(0, 10) } }),
    recent('secret', 5, { title: { en: 'zqCanary' }, marking: 'TLP:RED' }),
    recent('hostile', 3, {
      title: { en: '</h2><script>alert(1)</script> https://evil.example/x', fr: '=cmd()' },
      summary: { en: 'x'.repeat(4_000) },
      hashtags: ['y'.repeat(200)],
    }),
  ])
  return async () => {
    await opened.close()
    await remove()
  }
})
const inOwnHome = async <Done>(at: string, work: (other: Opened) => Promise<Done>): Promise<Done> => {
  const { folder, remove } = await newFolder()
  const other = await openServices(join(folder, 'home'), at)
  try {
    return await work(other)
  } finally {
    await other.close()
    await remove()
  }
}

type Asked = { readonly cap?: Marking; readonly until?: string }

const make = async (
  ids: readonly string[],
  { cap = 'TLP:AMBER', until }: Asked = {},
  { services } = opened,
): Promise<MadeReport> => generateReport(await flashAsked(ids, { cap, until }, services), services)

const makeGreen = (ids: readonly string[], other: Opened, until?: string) =>
  make(ids, { cap: 'TLP:GREEN', ...(until && { until }) }, other)

const weekly = async (
  { services }: Opened,
  territory: 'NC' | 'ALL' = 'NC',
  cap: Marking = 'TLP:GREEN',
  period = '2024-W20',
) => (await generateReport({ territory, period: parsePeriod(period), cap }, services)).report
const postsOf = ({ manoeuvres }: MadeReport['report'], id: string) =>
  manoeuvres.find((one) => one.id === id)?.figures.posts

const textOf = (page: MadeReport['report']['pages']['fr']): string =>
  JSON.stringify([page.flash, page.bounds, page.unknown])

const run = (...words: readonly string[]) => vigie([...words, '--home', home])
const json = <Value>(...words: readonly string[]) => vigieJson<Value>([...words, '--home', home])

describe('a flash note', () => {
  test('is one page: hours since the first post, figures as given, until when it holds, what not to do', async () => {
    const { report, isNew, manifest } = await make(['photo'])
    expect([isNew, manifest.held, report.cap, report.marking]).toEqual([true, undefined, 'TLP:AMBER', 'TLP:AMBER'])
    expect(report.territory.code).toMatch(/^flash-nc-[0-9a-f]{12}$/)
    expect(report.totals.posts).toMatchObject({ value: 5187, qualifier: 'exact' })
    const { fr, en } = report.pages
    expect(fr.flash?.when).toContain('42 heures après le premier message')
    expect(en.flash?.when).toContain('42 hours after the first post')
    expect(textOf(fr)).toMatch(/[^\p{L}] ?5\u202f187 messages/u)
    expect(textOf(fr)).not.toContain('au moins 5')
    expect(fr.bounds[1]?.text).toMatch(/^chiffres tels que les sources les donnent/)
    expect(fr.bounds[0]?.text).toContain('rapport de la semaine')
    expect(fr.flash?.readers.items.at(-1)?.text[0]).toEqual({ text: 'Ne pas relayer', strong: true })
    expect([fr.order, fr.annex, fr.figures.rows]).toEqual([[], null, []])
  })

  test('promises no weekly report that was due and is missing in its edition, and names an existing one', () =>
    inOwnHome('2024-06-10T06:00:00.000Z', async (late) => {
      await ingestInto(late, [green('photo')])
      await weekly(late, 'NC', 'TLP:AMBER')
      const none = (await makeGreen(['photo'], late)).report.pages.en
      expect(textOf(none)).not.toMatch(/being computed|expected|see the report|version 1\)/)
      expect(textOf(none).match(/no report of week 20 was made in this edition/g)).toHaveLength(3)
      expect([none.bounds[0]?.link, none.kind]).toEqual([undefined, 'outside the weekly report'])
      await weekly(late)
      late.at('2024-06-13T06:00:00.000Z')
      const { en } = (await makeGreen(['photo'], late)).report.pages
      expect(textOf(en).match(/see the report of week 20, version 1/g)).toHaveLength(2)
      expect(en.bounds[0]?.text).toMatch(/\(New Caledonia, version 1\) is published and stays the reference$/)
      expect(textOf(en)).not.toContain('expected on')
      const href = '../../../../NC/2024-W20/green/v0001/report.en.html'
      expect(en.bounds[0]?.link).toEqual({ text: 'Read the report', href })
    }))

  test('expects the weekly report until it is due, also where the week has a version', () =>
    inOwnHome('2024-05-16T06:00:00.000Z', async (early) => {
      await ingestInto(early, [green('photo')])
      await weekly(early)
      const { en } = (await makeGreen(['photo'], early, '2024-05-17T06:00:00.000Z')).report.pages
      expect(en.bounds[0]?.text).toMatch(/; the report of week 20, expected on 20\sMay\s2024, replaces it$/)
      expect(textOf(en).match(/being computed/g)).toHaveLength(2)
      expect([en.bounds[0]?.link, en.kind]).toEqual([undefined, 'before the weekly report'])
    }))

  test('has the figure of the weekly report, with its parts, and runs until its last day is over', () =>
    inOwnHome('2024-05-17T06:00:00.000Z', async (other) => {
      const part = (id: string, posts: number, more = {}) => green(id, { partOf: 'whole', counts: { posts }, ...more })
      const posts = { value: 5_001, qualifier: 'at least' } as const
      await ingestInto(other, [
        green('whole', { observed: { from: '2024-05-15', to: '2024-05-17' }, counts: { posts } }),
        part('x', 5_187),
        part('facebook', 145),
        part('above', 900, { marking: 'TLP:RED' }),
        green('single', { counts: { posts: 12 } }),
      ])
      const note = await makeGreen(['whole'], other)
      expect(note.manifest.held).toBeUndefined()
      const own = postsOf(await weekly(other), 'whole')
      expect(own).toMatchObject({ value: 5_332, qualifier: 'at least' })
      expect(postsOf(note.report, 'whole')).toEqual(own)
      const { en } = note.report.pages
      expect(en.flash?.blocks).toHaveLength(1)
      expect(textOf(en)).toContain('at least 5,332 posts')
      expect(en.bounds[1]?.text).toMatch(/^running: its last day is not over/)
      const over = /no source states whether it continues/
      const single = await makeGreen(['single'], other)
      expect(single.report.totals.posts).toMatchObject({ value: 12, qualifier: 'at least' })
      expect(single.report.pages.en.bounds[1]?.text).toMatch(over)
      other.at('2024-05-18T06:00:00.000Z')
      expect((await makeGreen(['whole'], other)).report.pages.en.bounds[1]?.text).toMatch(over)
    }))

  test('has the effect and the figure of a part in another of its territories', () =>
    inOwnHome('2024-05-17T06:00:00.000Z', async (other) => {
      const there = { state: 'observed', degree: 'act', text: { en: 'The port was blocked' } } as const
      await ingestInto(other, [
        green('both', { territories: ['NC', 'PF'], counts: { posts: 10 } }),
        green('there', { partOf: 'both', territories: ['PF'], counts: { posts: 90 }, observedEffect: there }),
      ])
      const text = textOf((await makeGreen(['both'], other)).report.pages.en)
      expect(text).toContain('The port was blocked')
      expect(text).toContain('at least 90 posts')
    }))

  test('counts a part of the next week alone, as the weekly reports do', () =>
    inOwnHome('2024-05-28T06:00:00.000Z', async (other) => {
      await ingestInto(other, [
        green('whole', { counts: { posts: 10 } }),
        green('middle', { partOf: 'whole', observed: { from: '2024-05-21' }, counts: { posts: 40 } }),
        green('below', { partOf: 'middle', observed: { from: '2024-05-16' }, counts: { posts: 25 } }),
      ])
      const { report } = await makeGreen(['whole', 'middle'], other)
      expect(postsOf(report, 'whole')).toEqual(postsOf(await weekly(other), 'whole'))
      expect(postsOf(report, 'middle')).toEqual(postsOf(await weekly(other, 'NC', 'TLP:GREEN', '2024-W21'), 'middle'))
      expect(postsOf(report, 'middle')).toEqual({ value: 40, qualifier: 'exact' })
    }))

  test('is found again by its ids in any order, by its key, and from a queue', async () => {
    const first = await make(['video', 'photo'])
    const code = first.report.territory.code as FlashCode
    expect(code).toMatch(/^flash-nc-pf-/)
    for (const again of [['photo', 'video', 'photo'], [code], [code.toUpperCase()]]) {
      const { report, isNew } = await make(again)
      expect([report.id, isNew]).toEqual([first.report.id, false])
    }
    const [sent, jobs]: [unknown[], unknown[]] = [[], []]
    const message = { territory: code, period: first.report.period.id, cap: 'TLP:AMBER', late: 'leave' } as const
    const made = await handleReportMessage({ kind: 'requested', deliver: 'everybody', ...message }, opened.services, {
      report: async (one) => void jobs.push(one),
      delivery: async (one) => void sent.push(one),
    })
    if (!made || 'paused' in made) throw new Error('nothing was made')
    expect([made.report.id, made.isNew, sent.length, jobs]).toEqual([first.report.id, false, 1, []])
  })

  test('has unknown figures and an unknown hour where a detection has nothing but a title', async () => {
    const { fr, en } = (await make(['bare'])).report.pages
    expect(textOf(fr)).toContain('n.\u202fc., aucune source ne donne de nombre')
    expect(en.flash?.when).toContain('hour unknown')
  })

  test('stays one page whatever a source wrote, and runs nothing', async () => {
    const { report, manifest } = await make(['hostile', 'bare', 'photo'])
    expect(manifest.held).toBeUndefined()
    const html = new TextDecoder().decode(await opened.services.archive.get(`reports/${report.id}/report.en.html`))
    expect(html).toContain('&lt;script')
    expect(html).not.toMatch(/<script|https:\/\/evil/)
  })

  test('is among the versions that show its detections', async () => {
    const { report } = await make(['hostile', 'bare', 'photo'])
    const explained = await explainDetection('hostile', undefined, everything, opened.services)
    expect(explained?.versions.map(({ territory }) => territory)).toEqual([report.territory.code])
  })

  test('cuts a long text between words, and no number in two', async () => {
    const fr = `${'mot '.repeat(72)}plus de 5\u202f000\u00a0messages et la suite ${'mot '.repeat(40)}`
    await ingestInto(opened, [recent('long', 2, { summary: { fr, en: fr } })])
    const { report } = await make(['long'])
    const content = report.pages.fr.flash?.blocks[0]?.rows.find(({ label }) => label === 'Contenu')
    expect(content?.paragraphs[0]?.[0]?.text).toMatch(/^(mot )+plus de…$/)
  })

  test('refuses an unknown detection and one above the cap in the same words, and more than fit one page', async () => {
    const refusal = (ids: readonly string[], cap: Marking) =>
      make(ids, { cap }).then(
        () => 'made',
        (error: Error) => [error.name, error.message.replaceAll(/"\w+"/g, '"…"')].join(),
      )
    const unknown = await refusal(['nowhere'], 'TLP:AMBER')
    expect(unknown).toContain('RefusedReportError')
    expect(await refusal(['secret'], 'TLP:AMBER')).toBe(unknown)
    expect(await refusal(['photo', 'secret'], 'TLP:AMBER')).toBe(unknown)
    expect(await refusal(['video'], 'TLP:GREEN')).toBe(await refusal(['nowhere'], 'TLP:GREEN'))
    await expect(make(['photo', 'video', 'bare', 'hostile'])).rejects.toThrow(/is one page/)
    await expect(make(['photo'], { until: hoursAgo(1) })).rejects.toThrow(/is past/)
    await expect(make(['flash-nc-0123456789ab'])).rejects.toThrow('flash-nc-0123456789ab')
  })

  test('counts a detection raised above its cap as withheld, and shows nothing of it', async () => {
    const raised = (marking: Marking) => recent('raised', 4, { title: { en: 'zqRaised' }, marking })
    await ingestInto(opened, [raised('TLP:GREEN')])
    const { code } = (await make(['raised', 'bare'])).report.territory
    await ingestInto(opened, [raised('TLP:RED')])
    const { report } = await make([code])
    expect([report.version, report.withheld, report.totals.detections]).toEqual([2, 1, 1])
    expect(JSON.stringify({ ...report, id: '' })).not.toContain('zqRaised')
    const red = await make([code], { cap: 'TLP:RED' })
    expect([red.report.withheld, red.report.totals.detections]).toEqual([0, 2])
  })

  test('has the same pages in an edition, whatever is stored above it', async () => {
    const pagesBelow = (...above: readonly ReturnType<typeof input>[]) =>
      inOwnHome('2024-05-17T00:00:00.000Z', async (other) => {
        await ingestInto(other, [green('seen'), ...above])
        return JSON.stringify((await makeGreen(['seen'], other)).report.pages)
      })
    expect(await pagesBelow(green('above', { campaign: 'zq', marking: 'TLP:RED' }))).toBe(await pagesBelow())
  })

  test('has an analyst’s note on what to avoid, and is held where that is too long', async () => {
    const { territory, period } = (await make(['photo', 'bare'])).report
    const { code } = territory
    const author = ['--author', 'C. Morel', '--role', 'analyste', '--lang', 'fr', '--marking', 'GREEN']
    const note = (...words: readonly string[]) => json('note', 'add', code, period.id, ...author, ...words)
    await note('--avoid', 'Ne pas citer le hashtag.', '--watch', 'Reprise par un média.')
    const { report } = await make([code])
    expect(report.version).toBe(2)
    expect(report.pages.fr.flash?.readers).toMatchObject({
      ...{ note: 'par l’analyste', items: [{}, { text: [{ text: 'Ne pas citer le hashtag.' }] }] },
    })
    const file = join(home, 'long.md')
    await writeFile(file, 'Une phrase très longue. '.repeat(400))
    await note('--file', file)
    await expect(make([code])).rejects.toThrow(HeldReportError)
    // Version 2 lacks what the held one has.
    await expect(approveFlash({ key: code, by: 'C. Morel' }, opened.services)).rejects.toThrow(/v3 is held/)
    const wrong = await run('note', 'add', 'flash-nc-0123456789ab', period.id, ...author, '--avoid', 'c')
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('no flash note has the key') })
  })
})

describe('mail', () => {
  const add = (address: string, ...territories: readonly string[]) =>
    json('recipients', 'add', address, '--territory', ...territories, '--clearance', 'AMBER', '--cadence', 'month')
  const outbox = async () =>
    (await readdir(join(home, 'outbox')).catch(() => [])).filter((name) => name.startsWith('flash-'))

  test('is sent once an analyst has approved the version, to readers of every territory, whatever the cadence', async () => {
    await add('nc@example.org', 'NC')
    await add('both@example.org', 'NC', 'PF')
    const until = new Date(now().getTime() + 5 * hour).toISOString()
    const made = await json<Readonly<Record<string, string>>>('flash', 'photo', 'video', '--until', until)
    expect(made).toMatchObject({ until })
    const { territory = '' } = made
    expect(await outbox()).toEqual([])
    expect((await run('flash', 'approve', territory, '--by', ' ')).code).toBe(2)

    const kept = await json('flash', 'approve', territory, '--by', 'C. Morel', '--no-deliver')
    expect(kept).toMatchObject([{ territory, by: 'C. Morel' }])
    expect(await outbox()).toEqual([])
    const sent = await json('flash', 'approve', territory, '--by', 'Other')
    expect(sent).toMatchObject([{ by: 'C. Morel', delivered: { summary: { SENT: 1, WITHHELD: 0 } } }])
    const [name = '', ...more] = await outbox()
    expect(more).toEqual([])
    const mail = await readFile(join(home, 'outbox', name), 'utf8')
    expect(mail).toContain('both@example.org')
    // Above GREEN a mail has neither place nor content.
    expect(mail.replaceAll(/flash-[\w.-]+/g, '')).not.toMatch(/Nouméa|Nouvelle|Photo/)
  })

  test('waits again for a next version, and is not sent once the note has expired', async () => {
    const { services } = opened
    const { report } = await make(['photo', 'video'])
    const revised = recent('video', 11, { territories: ['NC', 'PF'], counts: { posts: 7 }, marking: 'TLP:AMBER' })
    await ingestInto(opened, [revised])
    const next = await make(['photo', 'video'])
    expect(next.report.version).toBe(report.version + 1)
    const entry = (await services.reports.versions(next.edition)).at(-1)
    expect(entry && (await awaitsApproval(entry, services))).toBe(true)

    const key = next.report.territory.code
    const later = opened.asRun('later', { clock: () => new Date(now().getTime() + 6 * hour) })
    await expect(approveFlash({ key, by: 'C. Morel' }, later)).rejects.toThrow(/is not mailed any more/)
    expect(await listFlash(later)).toContainEqual(expect.objectContaining({ key, state: 'expired' }))
  })

  test('is never sent of a note that an analyst refused, which is recalled', async () => {
    const key = (await make(['bare'])).report.territory.code
    const refuse = ['flash', 'refuse', key, '--by', 'C. Morel', '--reason', 'known']
    expect((await run(...refuse)).stdout).toBe(`${key} v1, TLP:AMBER: refused by C. Morel\n`)
    const recalled = 'was recalled (refused by C. Morel: known)'
    for (const words of [refuse, ['flash', 'approve', key, '--by', 'C. Morel']])
      expect(await run(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining(recalled) })
  })
})

test('the report of the week names the notes that it replaces: sent before it, of its edition and territories', () =>
  inOwnHome('2024-05-16T06:00:00.000Z', async (other) => {
    await ingestInto(other, [input({ id: 'one' }), input({ id: 'two', territories: ['NC', 'PF'] })])
    const { report: one } = await make(['one'], {}, other)
    const { report: two } = await make(['two'], {}, other)
    const { code: key } = one.territory
    expect((await weekly(other, 'NC', 'TLP:AMBER')).replaces).toBeUndefined()
    for (const { territory } of [one, two]) await approveFlash({ key: territory.code, by: 'C. Morel' }, other.services)
    other.at('2024-05-20T00:00:00.000Z')
    const report = await weekly(other, 'NC', 'TLP:AMBER')
    expect(report.replaces).toEqual([{ key, version: 1, marking: one.marking }])
    expect(report.pages.fr.bounds).toContainEqual({ label: 'Remplace', text: `la note flash ${key} (version 1)` })
    expect((await weekly(other, 'ALL', 'TLP:AMBER')).replaces).toHaveLength(2)
    expect((await weekly(other, 'NC', 'TLP:GREEN')).replaces).toBeUndefined()
  }))

test('the archive of notes verifies, and its rebuilt index has their detections, without approvals', async () => {
  const { services } = opened
  expect((await verifyArchive(services)).problems).toEqual([])
  const entriesOf = async ({ reports }: Pick<typeof services, 'reports'>) => Array.fromAsync(reports.all())
  const contentOf = (entries: Awaited<ReturnType<typeof entriesOf>>) =>
    entries.map(({ territory, version, published }) => [territory, version, published])
  await inOwnHome('now', async (empty) => {
    const rebuilt = { ...services, reports: empty.services.reports }
    for await (const one of reindexArchive(rebuilt)) expect(one.did).toBe('indexed')
    const after = await entriesOf(rebuilt)
    expect(contentOf(after)).toEqual(contentOf(await entriesOf(services)))
    const [code] = await rebuilt.reports.flashes()
    expect(code && (await flashAbout(code, rebuilt.reports))?.ids.length).toBeGreaterThan(0)
    expect(after.every(({ approved }) => approved === undefined)).toBe(true)
  })
})
