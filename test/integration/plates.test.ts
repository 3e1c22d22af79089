/** Evidence images in a report: embedded, removed permanently, and unknown above the cap. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { type Edition, archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { forgetPlate, recallShowing, versionId, versionsShowing } from '../../lambdas/usecases/plates/forget-plate.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { now } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { pdfText } from '../support/pdf-text.ts'
import { png, scene } from '../support/pictures.ts'
import { storePlate } from '../support/plates.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let printer: Printer
beforeAll(async () => {
  printer = await openPrinter()
})
afterAll(async () => printer.close())

const inHome = async <Done>(work: (opened: Opened, folder: string) => Promise<Done>): Promise<Done> => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder, '2024-05-20T00:00:00.000Z', printer)
  try {
    return await work(opened, folder)
  } finally {
    await opened.close()
    await remove()
  }
}

const seen = (more: Partial<DetectionInput> = {}): DetectionInput =>
  input({ counts: { posts: 10 }, marking: 'TLP:GREEN', ...more })

const editionOf = (cap: Marking): Edition => ({ territory: 'NC', period: parsePeriod('2024-W20'), cap })

const made = ({ services }: Opened, cap: Marking = 'TLP:AMBER', more: object = {}) =>
  generateReport({ ...editionOf(cap), ...more }, services)

const fileOf = async ({ services }: Opened, version: number, file: string, cap: Marking = 'TLP:AMBER') =>
  services.archive.get(archiveKey(editionOf(cap), version, file))

const textOf = async (...asked: Parameters<typeof fileOf>) => new TextDecoder().decode(await fileOf(...asked))

const files = [
  'report.json',
  'report.stix.json',
  'report.misp.json',
  'detections.csv',
  'report.fr.html',
  'report.en.html',
  'report.fr.pdf',
  'report.en.pdf',
]

/** The bytes that a page embeds, by their hash. */
const embedded = (html: string): readonly string[] =>
  [...html.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, base64 = '']) =>
    sha256(Buffer.from(base64.replaceAll('&#x3D;', '='), 'base64')),
  )

const quote = {
  text: 'The police are the murderers.',
  language: 'en',
  languageScore: 97,
  source: 'X',
  date: '2024-05-15',
  archiveUrl: 'https://archive.example/1',
  translations: [{ language: 'fr', text: 'Les meurtriers, c’est la police.', by: 'Argos', byMachine: true }],
}

describe('a report whose detection names evidence images', () => {
  it('embeds a pair with its words and crop in both languages; report.json has hashes and words alone', () =>
    inHome(async (opened) => {
      const original = await storePlate(opened.services, 1, { caption: { fr: 'La première', en: 'The first' } })
      const crop = { x: 40, y: 20, width: 80, height: 50 }
      const diverted = await storePlate(opened.services, 2, {
        divertedFrom: original.sha256,
        crop,
        archive: 'https://archive.example/2',
        changes: { fr: 'Recadrage', en: 'A crop' },
        marking: 'TLP:AMBER',
      })
      await ingestInto(opened, [seen({ plates: [diverted.sha256], quotes: [quote] })])
      const { report } = await made(opened)
      expect(report.marking).toBe('TLP:AMBER')
      const json = await textOf(opened, 1, 'report.json')
      expect(json).toContain(diverted.sha256)
      expect(json).not.toMatch(/base64|C\. Morel/)
      expect(JSON.parse(json).plates).toMatchObject([{ crop }])
      for (const [lang, change, note] of [
        [
          'fr',
          'Recadrage',
          'Cadre en tirets : ce que l’image détournée en montre, 80 × 50 pixels sur 160 × 100, à 40 du bord gauche et 20 du haut.',
        ],
        [
          'en',
          'A crop',
          'Dashed frame: what the diverted picture shows of it, 80 × 50 of 160 × 100 pixels, 40 from the left and 20 from the top.',
        ],
      ] as const) {
        const html = (await textOf(opened, 1, `report.${lang}.html`)).replaceAll(/[\u00a0\u202f]/g, ' ')
        expect(embedded(html)).toEqual([original.sha256, diverted.sha256])
        expect(html).toContain(change)
        expect(html).not.toContain('https://archive.example')
        expect(html.split(note)).toHaveLength(3)
        expect(html).toMatch(new RegExp(`alt="[^"]*(maison|house)\\. ${note.replaceAll('.', '\\.')}"`))
        expect(html).toContain('<rect class="dashes" x="40" y="20" width="80" height="50"/>')
        const pdf = (await pdfText(await fileOf(opened, 1, `report.${lang}.pdf`))).join(' ').replaceAll(/\s+/g, ' ')
        for (const words of ['La première', 'The first', '[https]://archive[.]example/2', quote.text, note])
          expect(pdf).toContain(words)
        expect(pdf.includes('Les meurtriers')).toBe(lang === 'fr')
      }
    }))

  it('is the same, byte for byte, with any images and quotes above its cap', async () => {
    const filesOf = (isMore: boolean) =>
      inHome(async (opened) => {
        const low = await storePlate(opened.services, 1)
        const crop = { x: 40, y: 20, width: 80, height: 50 }
        const high = await storePlate(opened.services, 2, { marking: 'TLP:RED', originalOf: low.sha256 })
        const part = await storePlate(opened.services, 3, { marking: 'TLP:RED', divertedFrom: low.sha256, crop })
        const hidden = isMore ? [high.sha256, part.sha256] : []
        const quotes = [quote, ...(isMore ? [{ ...quote, text: 'zqred', marking: 'TLP:RED' as const }] : [])]
        await ingestInto(opened, [
          seen({ plates: [low.sha256, ...hidden], quotes }),
          seen({ id: 'd2', ...(isMore && { plates: hidden, quotes: [{ ...quote, marking: 'TLP:AMBER' as const }] }) }),
        ])
        await made(opened, 'TLP:GREEN')
        const green = await Promise.all(files.map((file) => fileOf(opened, 1, file, 'TLP:GREEN')))
        await made(opened, 'TLP:RED')
        const red = await textOf(opened, 1, 'report.json', 'TLP:RED')
        return { green: green.map((bytes) => Buffer.from(bytes).toString('latin1')), hidden, red }
      })
    const [plain, more] = [await filesOf(false), await filesOf(true)]
    expect(more.green.map(sha256)).toEqual(plain.green.map(sha256))
    for (const hash of more.hidden) {
      for (const text of more.green) expect(text).not.toContain(hash)
      expect(more.red).toContain(hash)
    }
    expect(more.red).toContain('zqred')
  })

  it('knows an image from when it was added', () =>
    inHome(async (opened) => {
      const { sha256: hash } = await inHome(({ services }) => storePlate(services, 1))
      await ingestInto(opened, [seen({ plates: [hash] })])
      expect((await made(opened)).report.plates).toBeUndefined()
      opened.at('2024-05-21T00:00:00.000Z')
      await storePlate(opened.services, 1)
      const { report } = await made(opened)
      expect(report).toMatchObject({ version: 2, changes: { reasons: ['plates'] } })
      expect(report.plates).toHaveLength(1)
    }))

  it('prints hostile words as words', () =>
    inHome(async (opened) => {
      const hostile = '"><img src=x onerror=alert(1)><script>alert(1)</script> {{evil}} ‮abc'
      const { sha256: hash } = await storePlate(opened.services, 1, {
        caption: { fr: hostile.slice(0, 60), en: `${hostile.slice(0, 60)} en` },
        alt: { fr: '"><script>alt</script>', en: "' onload='x" },
        changes: { fr: '</p><style>*{}</style>', en: 'x' },
        source: '<b>X</b>',
        archive: 'https://"><script>archive</script>',
      })
      await ingestInto(opened, [
        seen({ plates: [hash], quotes: [{ ...quote, text: '<script>quote</script>\n"second" line' }] }),
      ])
      const { manifest } = await made(opened)
      expect(manifest.held).toBeUndefined()
      const html = await textOf(opened, 1, 'report.fr.html')
      expect(html).not.toMatch(/<script|<img src=x|<b>X/)
      expect(html).toContain('alt="&quot;&gt;&lt;script&gt;alt&lt;/script&gt;"')
    }))
})

describe('a removed image', () => {
  it('is named as removed in the next version, stays in the archive, and leads to the versions to recall', () =>
    inHome(async (opened) => {
      const { services } = opened
      const [plate, expired] = [await storePlate(services, 1), await storePlate(services, 2)]
      const reason = { by: 'A. Roy', reason: 'montre un mineur' }
      await ingestInto(opened, [seen({ plates: [plate.sha256, expired.sha256] })])
      await made(opened)
      await made(opened, 'TLP:GREEN')
      const before = sha256(await fileOf(opened, 1, 'report.fr.html'))
      opened.at('2024-05-22T00:00:00.000Z')
      await forgetPlate(plate, reason, services)
      await forgetPlate(expired, { by: 'schedule plates/day', reason: 'kept for 30 days', keptDays: 30 }, services)
      const showing = async () => (await versionsShowing(plate.sha256, services)).map(versionId)
      const versions = ['NC/2024-W20/amber/v0001', 'NC/2024-W20/green/v0001']
      expect(await showing()).toEqual(versions)
      const { report } = await made(opened)
      expect(report).toMatchObject({ version: 2, reconstructed: false, changes: { reasons: ['plates'] } })
      const html = await textOf(opened, 2, 'report.fr.html')
      expect(embedded(html)).toEqual([])
      for (const words of ['image retirée', 'montre un mineur', 'conservée 30 jours, durée fixée par l’organisation'])
        expect(html).toContain(words)
      expect(html).not.toContain('A. Roy')
      expect(await textOf(opened, 2, 'report.en.html')).toContain('kept for 30 days, the time that the organisation')
      expect(sha256(await fileOf(opened, 1, 'report.fr.html'))).toBe(before)
      expect(await showing()).toEqual(versions)
      expect((await recallShowing(plate.sha256, reason, services)).map(versionId)).toEqual(versions)
      expect(await showing()).toEqual([])
      expect(await recallShowing(plate.sha256, reason, services)).toEqual([])
    }))

  it('makes a report of an earlier instant a reconstruction', () =>
    inHome(async (opened) => {
      const plate = await storePlate(opened.services, 1)
      await ingestInto(opened, [seen({ plates: [plate.sha256] })])
      await made(opened)
      opened.at('2024-05-22T00:00:00.000Z')
      await forgetPlate(plate, { by: 'A. Roy', reason: 'why' }, opened.services)
      const remade = await made(opened, 'TLP:AMBER', { asOf: '2024-05-21T00:00:00.000Z' })
      expect(remade.isNew).toBe(true)
      expect(remade.report).toMatchObject({ version: 2, reconstructed: true, changes: null })
      expect(remade.manifest.reconstructed).toBe(true)
      expect(embedded(await textOf(opened, 2, 'report.fr.html'))).toEqual([])
      const again = await made(opened, 'TLP:AMBER', { asOf: '2024-05-21T00:00:00.000Z' })
      expect(again).toMatchObject({ isNew: false, report: { version: 2 } })
    }))

  it('is still found in archived versions after the index was rebuilt', () =>
    inHome(async (opened) => {
      const { services } = opened
      const plate = await storePlate(services, 1)
      await ingestInto(opened, [seen({ plates: [plate.sha256] })])
      await made(opened)
      const [entry] = await services.reports.versions(editionOf('TLP:AMBER'))
      for await (const item of opened.table.query('REPORT#NC')) await opened.table.remove(item)
      await Array.fromAsync(reindexArchive(services, { keys: [await services.signer.publicKey()] }))
      const [rebuilt] = await services.reports.versions(editionOf('TLP:AMBER'))
      expect(entry?.published?.pictures).toEqual([plate.sha256])
      expect(rebuilt?.published).toEqual(entry?.published)
    }))
})

it('a report without the file of an image fails, until the image is removed', () =>
  inHome(async (opened, folder) => {
    const plate = await storePlate(opened.services, 1)
    await ingestInto(opened, [seen({ plates: [plate.sha256] })])
    await rm(join(folder, 'plates', plate.sha256))
    await expect(made(opened)).rejects.toThrow('is missing')
    await expect(made(opened)).rejects.toThrow(plate.sha256)
    await forgetPlate(plate, { by: 'A', reason: 'lost' }, opened.services)
    expect((await made(opened)).report.plates?.[0]?.plate.picture).toBe('removed')
  }))

describe('vigie plates', () => {
  let folder: string
  let remove: () => Promise<void>
  beforeEach(async () => {
    ;({ folder, remove } = await newFolder())
  })
  afterEach(() => remove())

  const run = (args: readonly string[], stdin?: Uint8Array) =>
    vigie([...args, '--home', folder], { ...(stdin && { stdin }) })
  const json = async (args: readonly string[], stdin?: Uint8Array) =>
    JSON.parse((await run([...args, '--json'], stdin)).stdout)
  const add = (...more: readonly string[]) => [
    ...['plates', 'add', '-', '--by', 'C. Morel', '--source', 'X', '--date', '2024-05-15', '--tlp', 'GREEN'],
    ...['--caption-fr', 'Une maison', '--caption-en', 'A house', '--alt-fr', 'Schéma', '--alt-en', 'Drawing'],
    ...more,
  ]
  const kept = () => readdir(join(folder, 'plates')).catch(() => [])

  it('adds a masked image, lists, shows and removes it, and recalls the versions that hold it', async () => {
    const masked = add('--mask', '40,30,40,40')
    const added = await json(masked, png(scene()))
    expect(added).toMatchObject({ isNew: true, masks: 1, by: 'C. Morel', received: sha256(png(scene())) })
    expect(await json(masked, png(scene()))).toMatchObject({ isNew: false })
    expect(await json(['plates', 'list'])).toMatchObject([{ sha256: added.sha256 }])
    await run(['ingest', '-'], Buffer.from(JSON.stringify(seen({ plates: [added.sha256] }))))
    await run(['report', 'NC', '2024-W20'])
    const out = join(folder, 'shown.png')
    const shown = await json(['plates', 'show', added.sha256.slice(0, 12), '--out', out])
    expect(shown.shownBy).toEqual(['NC/2024-W20/amber/v0001'])
    expect(sha256(await readFile(out))).toBe(added.sha256)
    const reason = ['--reason', 'montre un mineur']
    const forgotten = await json(['plates', 'forget', added.sha256, '--by', 'A. Roy', ...reason])
    expect(forgotten).toMatchObject({ already: false, shownBy: ['NC/2024-W20/amber/v0001'] })
    expect(await json(['plates', 'recall', added.sha256, ...reason])).toEqual([
      { id: 'NC/2024-W20/amber/v0001', receivers: 0 },
    ])
    expect((await run(masked, png(scene()))).code).toBe(1)
  })

  it.each<[number, string, readonly string[], Uint8Array?]>([
    [1, 'an SVG', ['--nothing-to-mask'], Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [2, '--nothing-to-mask', []],
    [2, 'cannot be used with', ['--nothing-to-mask', '--mask', '1,1,5,5']],
    [2, 'cannot be used', ['--nothing-to-mask', '--pair', 'a'.repeat(64), '--original-of', 'b'.repeat(64)]],
    [2, 'cannot be used with', ['--nothing-to-mask', '--original-of', 'a'.repeat(64), '--crop', '1,1,5,5']],
    [2, 'is no region', ['--nothing-to-mask', '--crop', '1,1,0,5']],
    [2, 'PINK', ['--nothing-to-mask', '--tlp', 'PINK']],
  ])('ends with %i and “%s” for %j, and stores nothing', async (code, message, more, stdin = png(scene())) => {
    expect(await run(add(...more), stdin)).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await kept()).toEqual([])
  })

  /** Stores one image on 1 May 2024, and another now. */
  const storeTwo = async () => {
    const opened = await openServices(folder, '2024-05-01T00:00:00.000Z', printer)
    const { sha256: old } = await storePlate(opened.services, 1)
    await ingestInto(opened, [seen({ plates: [old], observed: { from: '2024-04-30' } })])
    await generateReport({ ...editionOf('TLP:AMBER'), period: parsePeriod('2024-W18') }, opened.services)
    opened.at(now().toISOString())
    const { sha256: young } = await storePlate(opened.services, 2)
    await opened.close()
    return { old, young }
  }
  it('removes images after the days of vigie.json, unless paused', async () => {
    const { young } = await storeTwo()
    await writeFile(join(folder, 'vigie.json'), JSON.stringify({ retention: { images: 365 } }))
    const expired = async () => (await json(['forget', '--expired'])) as unknown
    const why = ['--by', 'Claire', '--reason', 'a court asks']
    await run(['schedules', 'pause', 'plates', ...why])
    expect(await expired()).toMatchObject({ images: 0 })
    await run(['schedules', 'resume', 'plates', ...why])
    expect(await expired()).toMatchObject({ images: 1 })
    expect(await kept()).toEqual([young])
  })
})
