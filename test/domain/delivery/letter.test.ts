/**
 * The mail's words: in both languages, for every occasion, and none of what was found where its marking is above GREEN.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../../lambdas/domain/core/language/language.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { type Marking, markings } from '../../../lambdas/domain/core/marking.ts'
import { digestLetterOf } from '../../../lambdas/domain/delivery/digest-letter.ts'
import { type Letter, type LetterOptions, letterOf } from '../../../lambdas/domain/delivery/letter.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { type Asked, reportOn } from '../../support/reports.ts'
import { hostileReport } from '../../support/stress.ts'

const links = { read: 'https://vigie.example/r/token', unsubscribe: 'https://vigie.example/unsubscribe/token' }

const options = (language: Language, said: Partial<LetterOptions> = {}): LetterOptions => ({
  recipient: { language },
  content: 'findings',
  occasion: { kind: 'first' },
  links,
  attached: false,
  ...said,
})

const written = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

/** A plain space for each kind of space, so that expectations can be read. */
const spaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')

const found = (said: Partial<DetectionInput> = {}) =>
  detectionAsOf({
    observed: { from: '2024-05-15' },
    counts: { posts: { value: 5332, qualifier: 'at least' } },
    marking: 'TLP:GREEN',
    ...said,
  })

const green = (asked: Asked = {}) => reportOn([found()], { cap: 'TLP:AMBER', ...asked })

const corrected = (version: number, before: number): Report => {
  const { pages, ...facts } = green()
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
  expect(pages.fr.changes).toBeNull()
  return reportOf({ ...facts, version, changes })
}

describe('the subject', () => {
  const subject = (report: Report, language: Language, said: Partial<LetterOptions> = {}) =>
    spaced(letterOf(report, options(language, said)).subject)

  it('begins with the marking, and says where, when and how much', () => {
    expect(subject(green(), 'fr')).toBe(
      '[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 : au moins 5 332 messages relevés',
    )
    expect(subject(green(), 'en')).toBe('[TLP:GREEN] New Caledonia, week 20 of 2024: at least 5,332 posts recorded')
    const month = reportOn([found()], { cap: 'TLP:AMBER', period: '2024-05' })
    expect(subject(month, 'fr')).toBe('[TLP:GREEN] Nouvelle-Calédonie, mai 2024 : au moins 5 332 messages relevés')
  })

  it('says where the posts are of several territories together, and so do the figures', () => {
    const joint = reportOn([found({ territories: ['NC', 'COR', 'MQ'] })], { cap: 'TLP:AMBER' })
    expect(subject(joint, 'fr')).toMatch(/: au moins 5 332 messages relevés, communs à 3 territoires$/)
    expect(subject(joint, 'en')).toMatch(/: at least 5,332 posts recorded, 3 territories together$/)
    const [posts] = letterOf(joint, options('fr')).shownFindings?.figures.rows ?? []
    expect(spaced(posts?.line ?? '')).toMatch(/^Messages : 5 332 \(au moins, communs à 3 territoires/)
  })

  it('names no number of territories that no detection names', () => {
    const codes = [
      ['NC', 'COR'],
      ['NC', 'MQ', 'GP'],
    ] as const
    const joint = reportOn(codes.map((territories, at) => found({ id: `j${at}`, territories: [...territories] })))
    expect(subject(joint, 'fr')).toMatch(/ messages relevés, communs à plusieurs territoires$/)
    expect(subject(joint, 'en')).toMatch(/ posts recorded, shared by several territories$/)
  })

  it('counts detections where no posts are known, and says that there are none', () => {
    const videos = reportOn([found({ kind: 'video', counts: {} })], { cap: 'TLP:AMBER' })
    expect(subject(videos, 'fr')).toBe('[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 : 1 détection')
    const quiet = reportOn([], { cap: 'TLP:AMBER', territory: 'PF' })
    expect(subject(quiet, 'fr')).toBe('[TLP:CLEAR] Polynésie française, semaine 20 de 2024 : aucune détection')
    expect(subject(quiet, 'en')).toBe('[TLP:CLEAR] French Polynesia, week 20 of 2024: no detection')
  })

  it.each([
    [{ breakout: { category: 6 } }, 'propagation 6 sur 6, 5 187 messages relevés'],
    [{ breakout: { category: 3 } }, '5 187 messages relevés'],
    [{ observedEffect: { state: 'observed' } }, 'un effet a été observé, 5 187 messages relevés'],
    [
      { observedEffect: { state: 'observed', degree: 'act' }, breakout: { category: 5 } },
      'un acte ou une décision a suivi, propagation 5 sur 6, 5 187 messages relevés',
    ],
    [{ observedEffect: { state: 'none' } }, '5 187 messages relevés'],
  ] as const)('says what reached others before how much was seen: %j', (said, about) => {
    const report = reportOn([found({ counts: { posts: 5_187 }, ...said })], { cap: 'TLP:AMBER' })
    expect(subject(report, 'fr')).toBe(`[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 : ${about}`)
  })

  it('says that it is a correction', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    expect(subject(corrected(2, 1), 'fr', { occasion })).toMatch(/^\[TLP:GREEN\] Correction : Nouvelle-Calédonie, /)
    expect(subject(corrected(2, 1), 'en', { occasion })).toMatch(/^\[TLP:GREEN\] Correction: New Caledonia, /)
  })

  it('says of what may not be told only what kind of report there is', () => {
    const amber = reportOn([found({ marking: 'TLP:AMBER' })])
    expect(subject(amber, 'fr', { content: 'nothing' })).toBe(
      '[TLP:AMBER] Nouvelle-Calédonie, semaine 20 de 2024 : rapport hebdomadaire',
    )
  })
})

describe('what a letter content', () => {
  it('is the headline figures with their change, the key points of the page, and how to read them', () => {
    const told = letterOf(green(), options('fr')).shownFindings
    expect(told?.figures.rows.map(({ line }) => spaced(line))[0]).toMatch(/^Messages : 5 332 \(au moins.*\) ; Semaine /)
    expect(told?.findings).toHaveLength(green().pages.fr.essentials.findings.length)
    const said = told?.findings.map((one) => spaced(written(one)))
    expect(said).toContainEqual(expect.stringMatching(/^Au moins 5 332 messages ont visé/))
    expect(spaced(written(told?.howTo.text ?? []))).toContain('n. c. : non communiqué, ce qui n’est pas zéro')
  })

  it('is a timeline whose sentence carries the numbers, and none where no day has any', () => {
    const timeline = letterOf(green(), options('fr')).shownFindings?.timeline
    expect(timeline?.marks.map(({ label }) => spaced(label))).toEqual([
      'lun. 13',
      'mar. 14',
      'mer. 15',
      'jeu. 16',
      'ven. 17',
      'sam. 18',
      'dim. 19',
    ])
    expect(timeline?.bars.map(({ isPeak }) => isPeak)).toEqual([false, false, true, false, false, false, false])
    expect(spaced(timeline?.text ?? '')).toContain('au moins 5 332')
    const videos = reportOn([found({ kind: 'video', counts: {} })], { cap: 'TLP:AMBER' })
    expect(letterOf(videos, options('fr')).shownFindings?.timeline).toBeNull()
  })

  it.each([
    ['2024-05', ['1er mai', '8', '15', '22', '29']],
    ['2024', ['janv.', 'avr.', 'juil.', 'oct.']],
    ['2024-Q2', ['avr.', 'mai', 'juin']],
    ['2024-05-15--2024-05-16', ['15 mai', '16']],
  ])('marks what has no room for a label each: %s', (period, labels) => {
    const report = reportOn([found()], { cap: 'TLP:AMBER', period })
    const timeline = letterOf(report, options('fr')).shownFindings?.timeline
    expect(timeline?.marks.map(({ label }) => spaced(label))).toEqual(labels)
    expect(timeline?.marks.reduce((sum, { span }) => sum + span, 0)).toBe(timeline?.bars.length)
  })

  it('announces a flash note as one', () => {
    const report = green()
    const pages = { ...report.pages, fr: { ...report.pages.fr, flash: { places: 'NC' } as never } }
    expect(letterOf({ ...report, pages }, options('fr', { content: 'nothing' })).lead).toBe('La note flash est prête.')
    expect(letterOf(report, options('fr', { content: 'nothing' })).lead).toBe('Le rapport est prêt.')
  })

  it('says of a quiet week that it still runs, as the page does', () => {
    const { pages: _, ...facts } = reportOn([], { cap: 'TLP:AMBER' })
    const running = reportOf({ ...facts, asOf: '2024-05-16T03:00:00.000Z' })
    const { findings = [] } = letterOf(running, options('fr')).shownFindings ?? {}
    expect(spaced(written(findings[0] ?? []))).toBe(
      'Cette semaine n’est pas terminée : ce rapport s’arrête au 16 mai 2024, 14 h 00 (heure de Nouméa).',
    )
    expect(spaced(written(findings.at(-1) ?? []))).toMatch(/^Cela ne prouve pas/)
  })

  it('is in a quiet week one statement with proof of watch', () => {
    const quiet = reportOn([], { cap: 'TLP:AMBER' })
    const told = letterOf(quiet, options('fr')).shownFindings
    expect(spaced(told?.statement ?? '')).toBe('Aucune détection cette semaine.')
    expect(told?.findings.map((one) => spaced(written(one)))).toEqual([
      'Aucune source n’est visible à ce marquage : cette absence ne prouve rien.',
      'Cela ne prouve pas qu’il ne s’est rien passé : chaque source a ses limites, dites dans le rapport.',
    ])
    expect(told?.timeline).toBeNull()
  })

  it('says in a week that nobody watched that nothing can be said, and not that there was nothing', () => {
    const blind = reportOn([], { cap: 'TLP:AMBER', isWatched: false })
    const { shownFindings: told, subject } = letterOf(blind, options('fr'))
    expect(spaced(told?.statement ?? '')).toBe(
      'Aucune veille visible à ce marquage cette semaine : rien ne peut en être dit.',
    )
    expect(spaced(subject)).toMatch(/: aucune veille visible à ce marquage$/)
    expect(told?.findings.map((one) => spaced(written(one)))).toEqual([
      'Aucune source n’est visible à ce marquage : cette absence ne prouve rien.',
    ])
  })

  it('says what a marking keeps back, beside the findings', () => {
    const hidden = found({ id: 'd2', marking: 'TLP:RED', title: { fr: 'Retenue' } })
    const told = letterOf(reportOn([found(), hidden], { cap: 'TLP:AMBER' }), options('fr')).shownFindings
    const [since, ...caveats] = told?.caveats.map(({ text }) => written(text)) ?? []
    expect(since).toBe(
      'nouveau dans cette édition\u00a0: 1, se poursuit\u00a0: 0, terminé\u00a0: 0 et corrigé\u00a0: 0',
    )
    expect(caveats.join()).toMatch(/^Une détection de la période/)
    expect(told?.findings.map(written).join()).not.toContain('marquage')
  })

  it('of a correction is what changed since the version that the reader has', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    const letter = letterOf(corrected(2, 1), options('fr', { occasion }))
    expect(spaced(letter.lead)).toBe('Cette version 2 corrige et remplace la version 1, que vous avez reçue.')
    expect(letter.shownFindings?.changes?.rows.map(({ line }) => spaced(line))).toEqual([
      'Messages : au moins 5 000 auparavant, au moins 5 332 maintenant',
    ])
    expect(spaced(written(letter.shownFindings?.changes?.sentences[0] ?? []))).toContain('données arrivées plus tard')
    expect(letterOf(corrected(2, 1), options('fr')).shownFindings?.changes).toBeNull()
  })

  it('of a correction says where versions between are not told', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    const between = (report: Report) =>
      letterOf(report, options('en', { occasion })).shownFindings?.changes?.sentences.map(written).at(-1)
    expect(between(corrected(3, 2))).toMatch(/^You had received version 1: what changed between it and version 2/)
    expect(between(corrected(2, 1))).toBe('One detection added.')
  })

  it('carries no address that a mail program would make a link of', () => {
    const title = { fr: 'Voir piege.example/a, https://mal.example/b, tg://resolve?x et contact@mal.example' }
    const told = letterOf(reportOn([found({ title })], { cap: 'TLP:AMBER' }), options('fr')).shownFindings
    const finding = written(told?.findings[1] ?? [])
    expect(finding).toContain('piege[.]example/a')
    expect(finding).not.toMatch(/[a-z]:\/\/|[a-z]\.[a-z]{2}|\w@\w/i)
    const hostile = letterOf({ ...hostileReport(), marking: 'TLP:GREEN' }, options('en')).shownFindings
    expect(hostile?.findings.map(written).join('\n')).not.toMatch(/[a-z]:\/\/|\p{L}\.[a-z]{2}/iu)
  })
})

describe('a digest', () => {
  const items = (language: Language, content: LetterOptions['content']) => {
    const { recipient } = options(language)
    const part = { content, read: links.read }
    return digestLetterOf({
      recipient,
      contact: undefined,
      parts: [
        { ...part, report: green(), occasion: { kind: 'first' } },
        { ...part, report: corrected(2, 1), occasion: { kind: 'correction', version: 1 } },
      ],
      late: [],
      paused: [],
      unsubscribe: links.unsubscribe,
    }).items.map(({ lead }) => spaced(lead))
  }

  it.each([
    ['fr', /^Cette version 2 corrige et remplace la version 1, que vous avez reçue\./],
    ['en', /^This version 2 corrects and replaces version 1, which you received\./],
  ] as const)('says in %s which version a report replaces, where it may say no more too', (language, replaces) => {
    for (const content of ['findings', 'nothing'] as const) {
      const [first, correction] = items(language, content)
      expect(first).not.toMatch(replaces)
      expect(correction).toMatch(replaces)
    }
  })
})

describe('what stands around it', () => {
  it('says to whom it goes, why, whom to ask, and how to end it', () => {
    const recipient = { language: 'fr', name: 'Claire Durand', organisation: 'Haut-commissariat' } as const
    const letter = letterOf(green(), options('fr', { recipient, contact: 'veille@example.org', attached: true }))
    expect(letter.closing.map(({ text }) => spaced(text))).toEqual([
      'Lundi 27 mai 2024, semaine close, à l’heure de Nouméa. S’il n’arrive pas, c’est une panne.',
      'Il est adressé à Claire Durand, Haut-commissariat : cette adresse est inscrite aux rapports de Vigie sur la Nouvelle-Calédonie.',
      'veille@example.org',
    ])
    expect(letter.unsubscribe.url).toBe(links.unsubscribe)
    expect(letter.link?.notes).toContain('Le rapport est aussi joint à ce message.')
    expect(letterOf(green(), options('fr')).closing.at(-1)?.text).toBe('À l’équipe de veille qui vous a inscrit.')
  })

  it('asks for a code above GREEN, and says nothing attached there', () => {
    const amber: Report = { ...green(), marking: 'TLP:AMBER' }
    expect(letterOf(amber, options('en', { content: 'nothing', attached: true })).link?.notes).toEqual([
      'Personal link, valid for 90 days: do not forward it.',
      'A one-time code will first be sent to this address.',
    ])
    expect(letterOf(green(), options('en')).link?.notes).toHaveLength(1)
  })
})

describe('a letter that may tell nothing', () => {
  const sealed = (report: Report, marking: Marking, language: Language, said: Partial<LetterOptions> = {}): Letter =>
    letterOf({ ...report, marking }, options(language, { content: 'nothing', ...said }))

  it('is the same whatever was found, and whether anything was', () => {
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

  it('says neither titles, hashtags nor figures', () => {
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

  it('is what a report above GREEN gets, whatever is asked for', () => {
    for (const marking of ['TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const) {
      const asked = letterOf({ ...green(), marking }, options('fr', { content: 'findings', attached: true }))
      expect(asked).toEqual(sealed(green(), marking, 'fr'))
    }
    const unheardOf = { ...green(), marking: 'TLP:BLUE' as Marking }
    expect(letterOf(unheardOf, options('fr'))).toEqual(sealed(green(), 'TLP:RED', 'fr'))
  })
})
