/** The words of the mail: none of the findings above GREEN. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Segment } from '../../../lambdas/domain/core/language/language.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { type Marking, markings } from '../../../lambdas/domain/core/marking.ts'
import { digestLetterOf } from '../../../lambdas/domain/delivery/digest-letter.ts'
import type { Letter, LetterOptions } from '../../../lambdas/domain/delivery/letter.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { greenReport, letterOn, links } from '../../support/letters.ts'
import { reportOn } from '../../support/reports.ts'
import { hostileReport } from '../../support/stress.ts'

const letterIn = (language: Language, report: Report, options: Partial<LetterOptions> = {}): Letter =>
  letterOn(report, { recipient: { language }, ...options })

const written = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

/** A plain space for each kind of space, so that expectations can be read. */
const spaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')

const found = (more: Partial<DetectionInput> = {}) =>
  detectionAsOf({ counts: { posts: { value: 5332, qualifier: 'at least' } }, marking: 'TLP:GREEN', ...more })

const reportWith = (...inputs: readonly Partial<DetectionInput>[]): Report =>
  reportOn(inputs.map((one, at) => found({ id: `d${at}`, ...one })))

const corrected = (version: number, before: number): Report => {
  const { pages: _, ...facts } = greenReport()
  const changes = {
    version: before,
    asOf: '2024-05-20T00:00:00.000Z',
    reasons: ['late data'] as const,
    figures: [
      {
        figure: 'posts' as const,
        before: { value: 5000, qualifier: 'at least' as const },
        after: { value: 5332, qualifier: 'at least' as const },
      },
    ],
    added: ['d1'],
    revised: [],
    removed: [],
    marking: 'TLP:GREEN' as const,
  }
  return reportOf({ ...facts, version, changes })
}

describe('the subject', () => {
  const subject = (report: Report, language: Language = 'fr', options: Partial<LetterOptions> = {}) =>
    spaced(letterIn(language, report, options).subject)

  it('has the marking, the place, the period and the volume', () => {
    expect(subject(greenReport())).toBe(
      '[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 : au moins 5 332 messages relevés',
    )
    expect(subject(greenReport(), 'en')).toBe(
      '[TLP:GREEN] New Caledonia, week 20 of 2024: at least 5,332 posts recorded',
    )
    const month = reportOn([found()], { period: '2024-05' })
    expect(subject(month)).toBe('[TLP:GREEN] Nouvelle-Calédonie, mai 2024 : au moins 5 332 messages relevés')
  })

  it('marks joint posts, with the number of territories where all detections name the same', () => {
    const joint = reportWith({ territories: ['NC', 'COR', 'MQ'] })
    expect(subject(joint)).toMatch(/: au moins 5 332 messages relevés, communs à 3 territoires$/)
    expect(subject(joint, 'en')).toMatch(/: at least 5,332 posts recorded, 3 territories together$/)
    const [posts] = letterIn('fr', joint).shownFindings?.figures.rows ?? []
    expect(spaced(posts?.line ?? '')).toMatch(/^Messages : 5 332 \(au moins, communs à 3 territoires/)
    const differ = reportWith({ territories: ['NC', 'COR'] }, { territories: ['NC', 'MQ', 'GP'] })
    expect(subject(differ)).toMatch(/ messages relevés, communs à plusieurs territoires$/)
    expect(subject(differ, 'en')).toMatch(/ posts recorded, shared by several territories$/)
  })

  it.each<[Partial<DetectionInput>, string]>([
    [{ kind: 'video', counts: {} }, '1 détection'],
    [{ breakout: { category: 6 } }, 'propagation 6 sur 6, au moins 5 332 messages relevés'],
    [{ breakout: { category: 3 } }, 'au moins 5 332 messages relevés'],
    [{ observedEffect: { state: 'observed' } }, 'un effet a été observé, au moins 5 332 messages relevés'],
    [
      { observedEffect: { state: 'observed', degree: 'act' }, breakout: { category: 5 } },
      'un acte ou une décision a suivi, propagation 5 sur 6, au moins 5 332 messages relevés',
    ],
    [{ observedEffect: { state: 'none' } }, 'au moins 5 332 messages relevés'],
  ])('has effect and breakout before the volume: %j', (input, end) => {
    expect(subject(reportWith(input))).toBe(`[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 : ${end}`)
  })

  it('marks a correction', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    expect(subject(corrected(2, 1), 'fr', { occasion })).toMatch(/^\[TLP:GREEN\] Correction : Nouvelle-Calédonie, /)
  })

  it('has only the kind of report where the mail may show nothing', () => {
    expect(subject(reportWith({ marking: 'TLP:AMBER' }), 'fr', { content: 'nothing' })).toBe(
      '[TLP:AMBER] Nouvelle-Calédonie, semaine 20 de 2024 : rapport hebdomadaire',
    )
  })
})

describe('a letter with findings', () => {
  it('has the headline figures with their change, the key points of the page, and how to read them', () => {
    const { figures, findings, howTo } = letterIn('fr', greenReport()).shownFindings ?? {}
    expect(figures?.rows.map(({ line }) => spaced(line))[0]).toMatch(/^Messages : 5 332 \(au moins.*\) ; Semaine /)
    expect(findings).toEqual(greenReport().pages.fr.essentials.findings)
    expect(spaced(written(howTo?.text ?? []))).toContain('n. c. : non communiqué, ce qui n’est pas zéro')
  })

  it('has a timeline whose sentence has the numbers, and none where no day has any', () => {
    const timeline = letterIn('fr', greenReport()).shownFindings?.timeline
    const days = ['lun. 13', 'mar. 14', 'mer. 15', 'jeu. 16', 'ven. 17', 'sam. 18', 'dim. 19']
    expect(timeline?.marks.map(({ label }) => spaced(label))).toEqual(days)
    expect(timeline?.bars.map(({ isPeak }) => isPeak).indexOf(true)).toBe(2)
    expect(spaced(timeline?.text ?? '')).toContain('au moins 5 332')
    expect(letterIn('fr', reportWith({ kind: 'video', counts: {} })).shownFindings?.timeline).toBeNull()
  })

  it.each([
    ['2024-05', ['1er mai', '8', '15', '22', '29']],
    ['2024', ['janv.', 'avr.', 'juil.', 'oct.']],
    ['2024-Q2', ['avr.', 'mai', 'juin']],
    ['2024-05-15--2024-05-16', ['15 mai', '16']],
  ])('has fewer marks where there is no room for all: %s', (period, labels) => {
    const timeline = letterIn('fr', reportOn([found()], { period })).shownFindings?.timeline
    expect(timeline?.marks.map(({ label }) => spaced(label))).toEqual(labels)
    expect(timeline?.marks.reduce((sum, { span }) => sum + span, 0)).toBe(timeline?.bars.length)
  })

  it('announces a flash note as one', () => {
    const report = greenReport()
    const pages = { ...report.pages, fr: { ...report.pages.fr, flash: { places: 'NC' } as never } }
    const lead = (of: Report) => letterIn('fr', of, { content: 'nothing' }).lead
    expect([lead({ ...report, pages }), lead(report)]).toEqual(['La note flash est prête.', 'Le rapport est prêt.'])
  })

  it('has the statement of a quiet week that still runs', () => {
    const { pages: _, ...facts } = reportOn([])
    const { findings = [] } =
      letterIn('fr', reportOf({ ...facts, asOf: '2024-05-16T03:00:00.000Z' })).shownFindings ?? {}
    expect(spaced(written(findings[0] ?? []))).toBe(
      'Cette semaine n’est pas terminée : ce rapport s’arrête au 16 mai 2024, 14 h 00 (heure de Nouméa).',
    )
    expect(spaced(written(findings.at(-1) ?? []))).toMatch(/^Cela ne prouve pas/)
  })

  it.each([
    [true, 'Aucune détection cette semaine.', 'aucune détection', 2],
    [
      false,
      'Aucune veille visible à ce marquage cette semaine : rien ne peut en être dit.',
      'aucune veille visible à ce marquage',
      1,
    ],
  ])('has one statement in a week without detections, watched: %s', (isWatched, statement, news, points) => {
    const { shownFindings, subject } = letterIn('fr', reportOn([], { isWatched }))
    expect(spaced(shownFindings?.statement ?? '')).toBe(statement)
    expect(spaced(subject).split(' : ').at(-1)).toBe(news)
    const findings = shownFindings?.findings.map((one) => spaced(written(one))) ?? []
    expect(findings).toHaveLength(points)
    expect(findings[0]).toBe('Aucune source n’est visible à ce marquage : cette absence ne prouve rien.')
    expect(shownFindings?.timeline).toBeNull()
  })

  it('names what a marking withholds, outside the findings', () => {
    const { caveats, findings } =
      letterIn('fr', reportWith({}, { marking: 'TLP:RED', title: { fr: 'Retenue' } })).shownFindings ?? {}
    expect(caveats?.map(({ text }) => written(text)).join('\n')).toMatch(/^Une détection de la période/m)
    expect(findings?.map(written).join()).not.toContain('marquage')
  })

  it('of a correction has the changes since the version that the reader has', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    const letter = letterIn('fr', corrected(2, 1), { occasion })
    expect(spaced(letter.lead)).toBe('Cette version 2 corrige et remplace la version 1, que vous avez reçue.')
    expect(letter.shownFindings?.changes?.rows.map(({ line }) => spaced(line))).toEqual([
      'Messages : au moins 5 000 auparavant, au moins 5 332 maintenant',
    ])
    expect(spaced(written(letter.shownFindings?.changes?.sentences[0] ?? []))).toContain('données arrivées plus tard')
    expect(letterIn('fr', corrected(2, 1)).shownFindings?.changes).toBeNull()
  })

  it('of a correction mentions versions in between', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    const between = (report: Report) =>
      letterIn('en', report, { occasion }).shownFindings?.changes?.sentences.map(written).at(-1)
    expect(between(corrected(3, 2))).toMatch(/^You had received version 1: what changed between it and version 2/)
    expect(between(corrected(2, 1))).toBe('One detection added.')
  })

  it('has no address that a mail program would turn into a link', () => {
    const title = { fr: 'Voir piege.example/a, https://mal.example/b, tg://resolve?x et contact@mal.example' }
    const finding = written(letterIn('fr', reportWith({ title })).shownFindings?.findings[1] ?? [])
    expect(finding).toContain('piege[.]example/a')
    expect(finding).not.toMatch(/[a-z]:\/\/|[a-z]\.[a-z]{2}|\w@\w/i)
    const hostile = letterIn('en', { ...hostileReport(), marking: 'TLP:GREEN' }).shownFindings
    expect(hostile?.findings.map(written).join('\n')).not.toMatch(/[a-z]:\/\/|\p{L}\.[a-z]{2}/iu)
  })
})

test('a digest names the version that a report replaces, also without content', () => {
  for (const content of ['findings', 'nothing'] as const) {
    const part = { content, read: links.read }
    const [first, correction] = digestLetterOf({
      recipient: { language: 'fr' },
      contact: undefined,
      parts: [
        { ...part, report: greenReport(), occasion: { kind: 'first' } },
        { ...part, report: corrected(2, 1), occasion: { kind: 'correction', version: 1 } },
      ],
      late: [],
      paused: [],
      unsubscribe: links.unsubscribe,
    }).items.map(({ lead }) => spaced(lead))
    const replaces = /^Cette version 2 corrige et remplace la version 1, que vous avez reçue\./
    expect(first).not.toMatch(replaces)
    expect(correction).toMatch(replaces)
  }
})

describe('the frame of a letter', () => {
  it('has the recipient, the reason, the contact and the way to unsubscribe', () => {
    const recipient = { language: 'fr', name: 'Claire Durand', organisation: 'Haut-commissariat' } as const
    const letter = letterOn(greenReport(), { recipient, attached: true })
    expect(letter.closing.map(({ text }) => spaced(text))).toEqual([
      'Lundi 27 mai 2024, semaine close, à l’heure de Nouméa. S’il n’arrive pas, c’est une panne.',
      'Il est adressé à Claire Durand, Haut-commissariat : cette adresse est inscrite aux rapports de Vigie sur la Nouvelle-Calédonie.',
      'veille@example.org',
    ])
    expect(letter.unsubscribe.url).toBe(links.unsubscribe)
    expect(letter.link?.notes).toContain('Le rapport est aussi joint à ce message.')
    expect(letterOn(greenReport(), { contact: undefined }).closing.at(-1)?.text).toBe(
      'À l’équipe de veille qui vous a inscrit.',
    )
  })

  it('asks for a code above GREEN, and mentions no attachment there', () => {
    const amber: Report = { ...greenReport(), marking: 'TLP:AMBER' }
    expect(letterIn('en', amber, { content: 'nothing', attached: true }).link?.notes).toEqual([
      'Personal link, valid for 90 days: do not forward it.',
      'A one-time code will first be sent to this address.',
    ])
    expect(letterIn('en', greenReport()).link?.notes).toHaveLength(1)
  })
})

describe('a letter without findings', () => {
  const sealed = (report: Report, marking: Marking, language: Language, options: Partial<LetterOptions> = {}): Letter =>
    letterIn(language, { ...report, marking }, { content: 'nothing', ...options })

  it('is the same with any detections, and with none', () => {
    const occasions = fc.constantFrom({ kind: 'first' } as const, { kind: 'correction', version: 1 } as const)
    fc.assert(
      fc.property(
        detectionsAsOf,
        detectionsAsOf,
        fc.constantFrom(...languages),
        fc.constantFrom(...markings),
        occasions,
        (some, others, language, marking, occasion) => {
          const letter = (all: typeof some) =>
            sealed(reportOn(all, { period: '2024-05' }), marking, language, { occasion })
          expect(letter(some)).toEqual(letter(others))
          expect(letter(some)).toEqual(letter([]))
          expect(letter(some).shownFindings).toBeNull()
        },
      ),
      { numRuns: 50 },
    )
  })

  it('has neither titles, hashtags nor figures', () => {
    const secret = found({
      title: { fr: 'Canari jaune', en: 'Yellow canary' },
      summary: { fr: 'Canari vert' },
      narratives: [{ fr: 'Canari bleu' }],
      hashtags: ['#CanariRouge'],
      campaign: 'Canari',
      counts: { posts: 918_273, accounts: 645_546 },
      marking: 'TLP:AMBER',
    })
    for (const language of languages) {
      const text = JSON.stringify(sealed(reportOn([secret]), 'TLP:AMBER', language))
      expect(text).not.toMatch(/canar|918|273|645|546/i)
    }
  })

  it('is what a report above GREEN gets, with any options', () => {
    for (const marking of ['TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const) {
      const asked = letterIn('fr', { ...greenReport(), marking }, { attached: true })
      expect(asked).toEqual(sealed(greenReport(), marking, 'fr'))
    }
    const unheardOf = { ...greenReport(), marking: 'TLP:BLUE' as Marking }
    expect(letterIn('fr', unheardOf)).toEqual(sealed(greenReport(), 'TLP:RED', 'fr'))
  })
})
