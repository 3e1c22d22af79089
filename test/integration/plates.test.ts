/** Plates in a report: embedded, told in both languages, bounded, removed for good, and unknown above the cap. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { type Edition, archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { MissingPictureError } from '../../lambdas/usecases/archive/plates-of-report.ts'
import { reindexArchive } from '../../lambdas/usecases/archive/reindex-archive.ts'
import { forgetPlate, recallShowing, versionId, versionsShowing } from '../../lambdas/usecases/plates/forget-plate.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { now } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { pdfText } from '../support/pdf-text.ts'
import { png, scene } from '../support/pictures.ts'
import { pictureNumber, storePlate } from '../support/plates.ts'
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

describe('a report whose detection names plates', () => {
  it('embeds them in both languages, and report.json has their hashes and words alone', () =>
    inHome(async (opened) => {
      const original = await storePlate(opened.services, 1, { caption: { fr: 'La première', en: 'The first' } })
      const diverted = await storePlate(opened.services, 2, {
        divertedFrom: original.sha256,
        archive: 'https://archive.example/2',
        changes: { fr: 'Recadrage', en: 'A crop' },
        marking: 'TLP:AMBER',
      })
      await ingestInto(opened, [seen({ plates: [diverted.sha256], quotes: [quote] })])
      const { report } = await made(opened)
      expect(report.marking).toBe('TLP:AMBER')
      const json = await textOf(opened, 1, 'report.json')
      expect(json).toContain(diverted.sha256)
      expect(json).not.toContain('base64')
      expect(json).not.toContain('C. Morel')
      for (const lang of ['fr', 'en'] as const) {
        const html = await textOf(opened, 1, `report.${lang}.html`)
        expect(embedded(html)).toEqual([original.sha256, diverted.sha256])
        const pdf = (await pdfText(await fileOf(opened, 1, `report.${lang}.pdf`))).join(' ').replace(/\s+/g, ' ')
        for (const said of [
          'La première',
          'The first',
          '[https]://archive[.]example/2',
          'The police are the murderers.',
        ])
          expect(pdf).toContain(said)
        expect(pdf.includes('Les meurtriers')).toBe(lang === 'fr')
        expect(html).toContain(lang === 'fr' ? 'Recadrage' : 'A crop')
        expect(html).not.toContain('https://archive.example')
      }
    }))

  it('draws what a crop shows on its original, and says so to who does not see it; not where either is not there', () =>
    inHome(async (opened) => {
      const original = await storePlate(opened.services, 1)
      const more = { divertedFrom: original.sha256, crop: { x: 40, y: 20, width: 80, height: 50 } }
      const diverted = await storePlate(opened.services, 2, { ...more, marking: 'TLP:AMBER' })
      await ingestInto(opened, [seen({ plates: [original.sha256, diverted.sha256] })])
      await made(opened)
      for (const [lang, note] of [
        [
          'fr',
          'Cadre en tirets : ce que l’image détournée en montre, 80 × 50 pixels sur 160 × 100, à 40 du bord gauche et 20 du haut.',
        ],
        [
          'en',
          'Dashed frame: what the diverted picture shows of it, 80 × 50 of 160 × 100 pixels, 40 from the left and 20 from the top.',
        ],
      ] as const) {
        const html = (await textOf(opened, 1, `report.${lang}.html`)).replaceAll(/[\u00a0\u202f]/g, ' ')
        expect(html.split(note)).toHaveLength(3)
        expect(html).toMatch(new RegExp(`alt="[^"]*(maison|house)\\. ${note.replaceAll('.', '\\.')}"`))
        expect(html).toContain('<rect class="dashes" x="40" y="20" width="80" height="50"/>')
        const pdf = (await pdfText(await fileOf(opened, 1, `report.${lang}.pdf`))).join(' ').replaceAll(/\s+/g, ' ')
        expect(pdf).toContain(note)
      }
      expect(JSON.parse(await textOf(opened, 1, 'report.json')).plates).toMatchObject([{ crop: more.crop }])
      // It is a fact of the diverted picture: below its marking there is none.
      await made(opened, 'TLP:GREEN')
      for (const file of ['report.json', 'report.fr.html'])
        expect(await textOf(opened, 1, file, 'TLP:GREEN')).not.toMatch(/"crop": \{|class="crop"|en tirets/)
      opened.at('2024-05-21T00:00:00.000Z')
      await forgetPlate(original, { by: 'A. Roy', reason: 'a minor' }, opened.services)
      const { report } = await made(opened)
      expect(await textOf(opened, report.version, 'report.json')).not.toContain('"crop": {')
      expect(await textOf(opened, report.version, 'report.fr.html')).not.toMatch(/class="crop"|en tirets/)
    }))

  it('is the same, byte for byte, whatever plates and quotes there are above its cap', async () => {
    const told = async (isMore: boolean) =>
      inHome(async (opened) => {
        const low = await storePlate(opened.services, 1)
        const high = await storePlate(opened.services, 2, { marking: 'TLP:RED', originalOf: low.sha256 })
        const quotes = [quote, ...(isMore ? [{ ...quote, text: 'zqred', marking: 'TLP:RED' as const }] : [])]
        await ingestInto(opened, [
          seen({ plates: [low.sha256, ...(isMore ? [high.sha256] : [])], quotes }),
          seen({
            id: 'd2',
            ...(isMore && { plates: [high.sha256], quotes: [{ ...quote, marking: 'TLP:AMBER' as const }] }),
          }),
        ])
        await made(opened, 'TLP:GREEN')
        const green = await Promise.all(files.map((file) => fileOf(opened, 1, file, 'TLP:GREEN')))
        await made(opened, 'TLP:RED')
        return {
          green: green.map(sha256),
          texts: green.map((bytes) => Buffer.from(bytes).toString('latin1')),
          high,
          red: await textOf(opened, 1, 'report.json', 'TLP:RED'),
        }
      })
    const [plain, more] = [await told(false), await told(true)]
    expect(more.green).toEqual(plain.green)
    for (const text of more.texts) expect(text).not.toContain(more.high.sha256)
    expect(more.red).toContain(more.high.sha256)
    expect(more.red).toContain('zqred')
  })

  it('knows a plate from when it was added', () =>
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

  it('names what it has no room for', () =>
    inHome(async (opened) => {
      const plates = []
      for (let number = 0; number < 14; number++) plates.push((await storePlate(opened.services, number)).sha256)
      await ingestInto(opened, [seen({ plates })])
      const { report } = await made(opened)
      expect(report.plates?.map(({ plate }) => plate.picture)).toEqual([
        ...Array.from({ length: 12 }, () => 'shown'),
        'left out',
        'left out',
      ])
      const html = await textOf(opened, 1, 'report.fr.html')
      expect(embedded(html)).toEqual(plates.slice(0, 12))
      expect(html.match(/image non reproduite/g)).toHaveLength(2)
      expect(html).toContain(plates[13]?.slice(0, 16))
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

describe('a picture that is forgotten', () => {
  it('is told as removed in the next version, stays in the archive, and is recalled by one command', () =>
    inHome(async (opened) => {
      const { services } = opened
      const plate = await storePlate(services, 1)
      await ingestInto(opened, [seen({ plates: [plate.sha256] })])
      await made(opened)
      await made(opened, 'TLP:GREEN')
      const before = sha256(await fileOf(opened, 1, 'report.fr.html'))
      opened.at('2024-05-22T00:00:00.000Z')
      await forgetPlate(plate, { by: 'A. Roy', reason: 'montre un mineur' }, services)
      const held = (await versionsShowing(plate.sha256, services)).map(versionId)
      expect(held).toEqual(['NC/2024-W20/amber/v0001', 'NC/2024-W20/green/v0001'])
      const { report } = await made(opened)
      expect(report).toMatchObject({ version: 2, reconstructed: false, changes: { reasons: ['plates'] } })
      const html = await textOf(opened, 2, 'report.fr.html')
      expect(embedded(html)).toEqual([])
      expect(html).toContain('image retirée')
      expect(html).toContain('montre un mineur')
      expect(html).not.toContain('A. Roy')
      expect(sha256(await fileOf(opened, 1, 'report.fr.html'))).toBe(before)
      expect((await versionsShowing(plate.sha256, services)).map(versionId)).toEqual(held)
      const recalled = await recallShowing(plate.sha256, { by: 'A. Roy', reason: 'montre un mineur' }, services)
      expect(recalled.map(versionId)).toEqual(held)
      expect(await versionsShowing(plate.sha256, services)).toEqual([])
      expect(await recallShowing(plate.sha256, { by: 'A. Roy', reason: 'again' }, services)).toEqual([])
    }))

  it('goes with all that were added before a day, which are told first', () =>
    inHome(async (opened, folder) => {
      const [old, gone] = [await storePlate(opened.services, 1), await storePlate(opened.services, 2)]
      await forgetPlate(gone, { by: 'A. Roy', reason: 'before' }, opened.services)
      opened.at('2024-05-21T00:00:00.000Z')
      const young = await storePlate(opened.services, 3)
      await ingestInto(opened, [seen({ plates: [old.sha256, young.sha256] })])
      await made(opened)
      const expire = async (...more: readonly string[]) => {
        const words = ['--by', 'A. Roy', '--reason', 'conservation terminée', '--json', '--home', folder]
        return vigie(['plates', 'expire', ...words, ...more])
      }
      const told = [{ sha256: old.sha256, shownBy: ['NC/2024-W20/amber/v0001'] }]
      for (const more of [['--check'], []]) {
        const { stdout } = await expire('--before', '2024-05-21', ...more)
        const answer = JSON.parse(stdout)
        expect(answer).toMatchObject(told)
        expect(answer).toHaveLength(1)
        expect('removed' in answer[0]).toBe(more.length === 0)
      }
      expect(JSON.parse((await expire('--before', '2024-05-21')).stdout)).toEqual([])
      expect(await readdir(join(folder, 'plates'))).toEqual([young.sha256])
      expect(await expire('--before', '2024-05')).toMatchObject({ code: 2, stderr: expect.stringContaining('no day') })
    }))

  it('makes what is made anew of an instant before say that it is reconstructed', () =>
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

  it('is found in the archive again where the index was rebuilt', () =>
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

describe('a picture that is not where it is kept', () => {
  it('stops the report by its name, and nothing is published without it', () =>
    inHome(async (opened, folder) => {
      const plate = await storePlate(opened.services, 1)
      await ingestInto(opened, [seen({ plates: [plate.sha256] })])
      await rm(join(folder, 'plates', plate.sha256))
      await expect(made(opened)).rejects.toThrow(MissingPictureError)
      await expect(made(opened)).rejects.toThrow(plate.sha256)
      await forgetPlate(plate, { by: 'A', reason: 'lost' }, opened.services)
      expect((await made(opened)).report.plates?.[0]?.plate.picture).toBe('removed')
    }))

  it('is in the home under its hash, and is what was drawn', () =>
    inHome(async (opened, folder) => {
      const plate = await storePlate(opened.services, 7)
      expect(await readFile(join(folder, 'plates', plate.sha256))).toEqual(pictureNumber(7))
    }))
})

describe('the command', () => {
  const words = (...more: readonly string[]) => [
    ...['plates', 'add', '-', '--by', 'C. Morel', '--source', 'X', '--date', '2024-05-15', '--tlp', 'GREEN'],
    ...['--caption-fr', 'Une maison', '--caption-en', 'A house', '--alt-fr', 'Schéma', '--alt-en', 'Drawing'],
    ...more,
  ]

  it('stores what it has masked, lists and shows it, removes it, and recalls what holds it', async () => {
    const { folder, remove } = await newFolder()
    try {
      const run = (args: readonly string[], stdin?: Uint8Array) =>
        vigie([...args, '--home', folder, '--json'], { ...(stdin && { stdin }) })
      const jsonOf = async (...asked: Parameters<typeof run>) => JSON.parse((await run(...asked)).stdout)
      const added = await jsonOf(words('--mask', '40,30,40,40'), png(scene()))
      expect(added).toMatchObject({ isNew: true, masks: 1, by: 'C. Morel', received: sha256(png(scene())) })
      expect(await jsonOf(words('--mask', '40,30,40,40'), png(scene()))).toMatchObject({ isNew: false })
      expect(await jsonOf(['plates', 'list'])).toMatchObject([{ sha256: added.sha256 }])
      const file = join(folder, 'ingested.ndjson')
      await writeFile(file, JSON.stringify(seen({ plates: [added.sha256] })))
      await run(['ingest', file])
      await run(['report', 'NC', '2024-W20'])
      const out = join(folder, 'shown.png')
      const shown = await jsonOf(['plates', 'show', added.sha256.slice(0, 12), '--out', out])
      expect(shown.shownBy).toEqual(['NC/2024-W20/amber/v0001'])
      expect(sha256(await readFile(out))).toBe(added.sha256)
      const reason = ['--reason', 'montre un mineur']
      const forgotten = await jsonOf(['plates', 'forget', added.sha256, '--by', 'A. Roy', ...reason])
      expect(forgotten).toMatchObject({ already: false, shownBy: ['NC/2024-W20/amber/v0001'] })
      expect(await jsonOf(['plates', 'recall', added.sha256, ...reason])).toEqual([
        { id: 'NC/2024-W20/amber/v0001', receivers: 0 },
      ])
      expect((await jsonOf(['history'])).map(({ did }: { did: string }) => did).slice(0, 3)).toEqual([
        'recalled',
        'forgotten',
        'added',
      ])
      expect((await run(words('--mask', '40,30,40,40'), png(scene()))).code).toBe(1)
    } finally {
      await remove()
    }
  })

  it.each([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), ['--nothing-to-mask'], 1, 'an SVG'],
    ['a mask beyond', png(scene()), ['--mask', '300,190,40,40'], 1, 'reaches beyond the picture'],
    ['neither masks nor a word', png(scene()), [], 2, '--nothing-to-mask'],
    ['both', png(scene()), ['--nothing-to-mask', '--mask', '1,1,5,5'], 2, 'cannot be used with'],
    [
      'two pairs',
      png(scene()),
      ['--nothing-to-mask', '--pair', 'a'.repeat(64), '--original-of', 'b'.repeat(64)],
      2,
      'cannot be used',
    ],
    [
      'a pair that is not there',
      png(scene()),
      ['--nothing-to-mask', '--pair', 'a'.repeat(64)],
      1,
      'no evidence image a',
    ],
    [
      'a crop of an original',
      png(scene()),
      ['--nothing-to-mask', '--original-of', 'a'.repeat(64), '--crop', '1,1,5,5'],
      2,
      'cannot be used with',
    ],
    ['an empty crop', png(scene()), ['--nothing-to-mask', '--crop', '1,1,0,5'], 2, 'is no region'],
    ['a wrong marking', png(scene()), ['--nothing-to-mask', '--tlp', 'PINK'], 2, 'PINK'],
  ])('refuses %s with the reason', async (_what, stdin, more, code, why) => {
    const { folder, remove } = await newFolder()
    try {
      const ran = await vigie([...words(...more), '--home', folder], { stdin })
      expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(why)])
      expect(await readdir(join(folder, 'plates')).catch(() => [])).toEqual([])
    } finally {
      await remove()
    }
  })
})

describe('vigie plates expire', () => {
  const ran = async (folder: string, ...more: string[]) => vigie(['plates', 'expire', '--home', folder, ...more])

  it('tells which would go without asking who or why; asks for both before it removes any', async () => {
    const { folder, remove } = await newFolder()
    try {
      const opened = await openServices(folder, '2024-05-01T00:00:00.000Z', printer)
      const { sha256: hash } = await storePlate(opened.services, 1)
      await opened.close()
      const checked = await ran(folder, '--before', '2024-06-01', '--check')
      expect([checked.code, checked.stdout]).toEqual([
        0,
        expect.stringContaining(`${hash} of 2024-05-01 would be removed`),
      ])
      const refused = await ran(folder, '--before', '2024-06-01', '--by', 'A. Roy')
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--before takes --reason and --by')])
      expect(await readdir(join(folder, 'plates'))).toEqual([hash])
      const done = await ran(folder, '--before', '2024-06-01', '--by', 'A. Roy', '--reason', 'long enough')
      expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(`${hash} of 2024-05-01 is removed`)])
      expect(await readdir(join(folder, 'plates'))).toEqual([])
    } finally {
      await remove()
    }
  })

  it('goes without a day by the time of vigie.json, unless it is paused', async () => {
    const { folder, remove } = await newFolder()
    try {
      const opened = await openServices(folder, '2024-05-01T00:00:00.000Z', printer)
      const { sha256: hash } = await storePlate(opened.services, 1)
      opened.at(now().toISOString())
      const { sha256: young } = await storePlate(opened.services, 2)
      await opened.close()
      const none = await ran(folder)
      expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('plateRetentionDays in vigie.json')])
      await writeFile(join(folder, 'vigie.json'), JSON.stringify({ plateRetentionDays: 365 }))
      const why = await ran(folder, '--reason', 'mine')
      expect([why.code, why.stderr]).toEqual([2, expect.stringContaining('--reason goes with --before')])
      expect((await ran(folder, '--check')).stdout).toContain(`${hash} of 2024-05-01 would be removed`)
      const words = ['--by', 'Claire', '--reason', 'a court asks', '--home', folder]
      expect((await vigie(['schedules', 'pause', 'plates', ...words])).stdout).toContain('each day: paused')
      expect((await ran(folder)).stdout).toContain('paused by Claire (a court asks)')
      expect((await vigie(['schedules', 'list', '--paused', '--home', folder])).stdout).toMatch(/plates +day +paused/)
      await vigie(['schedules', 'resume', 'plates', ...words])
      expect(await readdir(join(folder, 'plates'))).toHaveLength(2)
      const done = await ran(folder, '--json')
      expect(JSON.parse(done.stdout)).toMatchObject([{ sha256: hash, removed: { keptDays: 365 } }])
      expect(await readdir(join(folder, 'plates'))).toEqual([young])
    } finally {
      await remove()
    }
  })
})

it('a picture whose time is over has a hatched frame with the reason in the page’s language', async () => {
  await inHome(async (opened) => {
    const plate = await storePlate(opened.services, 1)
    await ingestInto(opened, [seen({ plates: [plate.sha256] })])
    await made(opened)
    opened.at('2024-06-20T00:00:00.000Z')
    const said = {
      by: 'schedule plates/day',
      reason: 'kept for 30 days, the time that the organisation keeps pictures',
      keptDays: 30,
    }
    await forgetPlate(plate, said, opened.services)
    const { report } = await made(opened)
    const inFrench = await textOf(opened, report.version, 'report.fr.html')
    expect(inFrench).toContain('conservée 30 jours, durée fixée par l’organisation')
    expect(await textOf(opened, report.version, 'report.en.html')).toContain(
      'kept for 30 days, the time that the organisation keeps',
    )
  })
})
