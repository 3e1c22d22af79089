/** The words of the mail: none of the findings above GREEN. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberRow } from '../../../lambdas/domain/aggregate/members.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import type { Segment } from '../../../lambdas/domain/core/language/language.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { type Marking, markings } from '../../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { digestLetterOf } from '../../../lambdas/domain/delivery/digest-letter.ts'
import { closedHead, type Letter, type LetterOptions } from '../../../lambdas/domain/delivery/letter.ts'
import type { DetectionInput, Localised } from '../../../lambdas/domain/detection/detection.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { reportWordingOf } from '../../../lambdas/domain/page/words/edition-words.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { dossierOn } from '../../support/dossiers.ts'
import { greenReport, letterOn, links } from '../../support/letters.ts'
import { flashPage } from '../../support/pages.ts'
import { reportOn, unusualLevel } from '../../support/reports.ts'
import { hostileReport } from '../../support/stress.ts'

const letterIn = (language: Language, report: Report, options: Partial<LetterOptions> = {}): Letter =>
  letterOn(report, { recipient: { language }, ...options })

const written = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join('')

/** A plain space for each kind of space, so that expectations can be read. */
const spaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ')

const found = (more: Partial<DetectionInput> = {}) =>
  detectionAsOf({ counts: { posts: { value: 5332, qualifier: 'at least' } }, marking: 'TLP:GREEN', ...more })

const corrected = (version: number, before: number, title: Localised = { fr: 'Salve' }): Report => {
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
    detections: [{ id: 'd2', title, how: 'withdrawn' as const, marking: 'TLP:GREEN' as const }],
    marking: 'TLP:GREEN' as const,
  }
  return reportOf({ ...facts, version, changes })
}

const subjectOf = (report: Report, language: Language = 'fr', options: Partial<LetterOptions> = {}) =>
  spaced(letterIn(language, report, options).subject)

/** A nation whose first territory had unusual activity. */
const nation = (): Report => {
  const { pages: _, ...facts } = greenReport()
  const tally = createCounter({ period: parsePeriod('2024-W20'), zone: 'UTC', cap: 'TLP:AMBER' }).tally()
  const watch = { state: 'watched', marking: 'TLP:CLEAR' } as const
  const rows = [
    memberRow('NC', tally, watch, { level: unusualLevel() }),
    memberRow('PF', tally, watch, { level: { ...unusualLevel(), value: 0, tests: [] } }),
  ]
  const group = {
    rows,
    campaigns: [],
    moreCampaigns: 0,
    isWhole: true,
    countedEarlier: 0,
    marking: 'TLP:CLEAR' as const,
  }
  return reportOf({
    ...facts,
    level: undefined,
    group,
    territory: { code: 'ALL', zone: 'Europe/Paris', population: 1 },
  })
}

describe('the subject', () => {
  it('has the marking, the place, the period and the level', () => {
    expect(subjectOf(greenReport())).toBe(
      '[TLP:GREEN] Nouvelle-Calédonie, semaine 20 de 2024 – Niveau 2 sur 4 : Activité inhabituelle',
    )
    expect(subjectOf(greenReport(), 'en')).toBe(
      '[TLP:GREEN] New Caledonia, week 20 of 2024 – Level 2 of 4: Unusual activity',
    )
    expect(subjectOf(nation(), 'en')).toMatch(/, week 20 of 2024 – Unusual activity: New Caledonia$/)
  })

  it('has the kind of report without a level, or where the mail may show nothing', () => {
    expect(subjectOf(reportOn([found()], { period: '2024-05' }))).toBe(
      '[TLP:GREEN] Nouvelle-Calédonie, mai 2024 – rapport mensuel',
    )
    expect(subjectOf(greenReport(), 'fr', { content: 'nothing' })).toMatch(/2024 – rapport hebdomadaire$/)
  })

  it('marks a correction', () => {
    const occasion = { kind: 'correction', version: 1 } as const
    expect(subjectOf(corrected(2, 1), 'fr', { occasion })).toMatch(/^\[TLP:GREEN\] Correction : Nouvelle-Calédonie, /)
  })
})

describe('a letter with findings', () => {
  const shownIn = (report: Report, options: Partial<LetterOptions> = {}) => {
    const { shownFindings } = letterIn('fr', report, options)
    if (!shownFindings) throw new Error('the letter shows no findings')
    return shownFindings
  }

  it('has the level, the rows of page 1, its trend, and what is not known', () => {
    const report = greenReport()
    const { first } = report.pages.fr
    const { level, facts, lists, trend, changes } = shownIn(report)
    expect(level).toEqual(first?.level)
    expect(facts).toEqual(first?.rows)
    expect(lists).toEqual([{ title: 'Ce qu’on ne sait pas', items: first?.unknown.items }])
    expect(spaced(trend?.spoken ?? '')).toMatch(/^Messages, de S19 à S20 : 0 et ≥ 5 332\.$/)
    expect(changes).toBeNull()
  })

  it('of a nation has its summary, and the territories above level 0', () => {
    const { level, summary, tiles } = shownIn(nation())
    expect(level).toBeNull()
    expect(spaced(written(summary))).toMatch(/^Activité inhabituelle : Nouvelle-Calédonie\./)
    expect(tiles.map(({ name, spoken }) => [name, spaced(spoken)])).toEqual([
      ['Nouvelle-Calédonie', 'Niveau 2 sur 4 : Activité inhabituelle'],
    ])
  })

  it('tells of a dossier neither its campaign nor its first day, whatever the mail is about', () => {
    const found = [detectionAsOf({ campaign: 'Canari', observed: { from: '2024-03-04' } })]
    const report = reportOn(found, { dossier: dossierOn(found, { name: 'Canari' }) })
    expect(JSON.stringify(closedHead(report, reportWordingOf(report, 'en')))).not.toMatch(/Canari|March/)
  })

  it('of a dossier or a flash note has its rows', () => {
    const found = [detectionAsOf({ marking: 'TLP:GREEN' })]
    const dossier = reportOn(found, { cap: 'TLP:GREEN', dossier: dossierOn(found) })
    const labels = dossier.pages.fr.dossier?.key.map(({ label }) => label)
    expect(shownIn(dossier).facts.map(({ label }) => label)).toEqual(labels)
    const note = { ...greenReport(), pages: { ...greenReport().pages, fr: flashPage() } }
    expect(shownIn(note)).toMatchObject({
      facts: [
        { label: 'Manœuvre première', text: [{ text: 'Photo détournée du supermarché', strong: true, lang: 'ar' }] },
        { label: 'Effet de la photo', text: [{ text: 'Aucun effet encore', strong: true }] },
        { label: flashPage().bounds[0]?.label },
      ],
      lists: [{}, { title: 'Pour qui lit la note', items: [[{ text: 'Ne rien relayer' }]] }],
    })
    expect(letterIn('fr', note, { content: 'nothing' }).lead).toBe('La note flash est prête.')
  })

  it('is a short one for a report of an earlier program, which has no page 1', () => {
    const { pages, ...report } = greenReport()
    const { first: _, ...page } = pages.fr
    const letter = letterIn('fr', { ...report, pages: { ...pages, fr: page as typeof pages.fr } })
    expect([letter.shownFindings, letter.lead]).toEqual([null, 'Le rapport est prêt.'])
    expect(spaced(letter.subject)).toMatch(/ – rapport hebdomadaire$/)
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
    const [fact] = shownIn(reportOn([found({ title })])).facts
    expect(written(fact?.text ?? [])).toContain('piege[.]example/a')
    const changes = shownIn(corrected(2, 1, title), { occasion: { kind: 'correction', version: 1 } }).changes
    const hostile = shownIn({ ...hostileReport(), marking: 'TLP:GREEN' })
    const facts = [...(fact ? [fact] : []), ...hostile.facts]
    const texts = [...facts.flatMap(({ text, small }) => [text, small]), ...hostile.lists.flatMap(({ items }) => items)]
    for (const text of [...texts, ...(changes?.sentences ?? [])].map(written))
      expect(text).not.toMatch(/[a-z]:\/\/|\p{L}\.[a-z]{2}|\w@\w/iu)
  })
})

type Parts = Parameters<typeof digestLetterOf>[0]['parts']

const digestOf = (
  [first, ...more]: readonly [Omit<Parts[0], 'read'>, ...Omit<Parts[0], 'read'>[]],
  options: Pick<LetterOptions, 'fullUpTo'> = {},
) =>
  digestLetterOf({
    ...{ recipient: { language: 'fr' }, contact: undefined, late: [], paused: [], unsubscribe: links.unsubscribe },
    parts: [{ ...first, read: links.read }, ...more.map((one) => ({ ...one, read: links.read }))],
    ...options,
  })

describe('a digest', () => {
  it('names the version that a report replaces, also without content', () => {
    for (const content of ['findings', 'nothing'] as const) {
      const [first, correction] = digestOf([
        { content, report: greenReport(), occasion: { kind: 'first' } },
        { content, report: corrected(2, 1), occasion: { kind: 'correction', version: 1 } },
      ]).items.map(({ lead }) => spaced(lead))
      const replaces = /^Cette version 2 corrige et remplace la version 1, que vous avez reçue\./
      expect(first).not.toMatch(replaces)
      expect(correction).toMatch(replaces)
    }
  })

  it('has of each report its level and its first three rows', () => {
    const [item] = digestOf([{ content: 'findings', report: greenReport(), occasion: { kind: 'first' } }]).items
    expect(spaced(written(item?.summary ?? []))).toMatch(/^Niveau 2 sur 4 : Activité inhabituelle\. 5 332/)
    expect(item?.facts).toEqual(greenReport().pages.fr.first?.rows.slice(0, 3))
  })
})

describe('the frame of a letter', () => {
  it('has the recipient, the reason, the contact and the way to unsubscribe', () => {
    const recipient = { language: 'fr', name: 'Claire Durand', organisation: 'Haut-commissariat' } as const
    const letter = letterOn(greenReport(), { recipient, attached: true })
    expect(letter.closing.map(({ text }) => spaced(text))).toEqual([
      'Lundi 27 mai 2024',
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

describe('a letter above GREEN that may show findings', () => {
  const fullUpTo = 'TLP:AMBER'

  it('shows them, and no more in its subject and preview than one that may not', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.constantFrom(...languages), (all, language) => {
        const report: Report = { ...reportOn(all, { period: '2024-05', level: unusualLevel() }), marking: fullUpTo }
        const shown = letterIn(language, report, { fullUpTo })
        const { subject, preheader } = letterIn(language, report)
        expect(shown.shownFindings?.facts).toHaveLength(report.pages[language].first?.rows.length ?? 0)
        expect(shown).toMatchObject({ subject, preheader })
      }),
      { numRuns: 50 },
    )
  })

  it('shows none above that marking', () => {
    expect(letterIn('fr', { ...greenReport(), marking: 'TLP:AMBER+STRICT' }, { fullUpTo }).shownFindings).toBeNull()
  })

  it('names a campaign in no subject or preview, of a digest neither', () => {
    const found = [detectionAsOf({ campaign: 'Canari' })]
    const report: Report = { ...reportOn(found, { dossier: dossierOn(found, { name: 'Canari' }) }), marking: fullUpTo }
    const digest = digestOf([{ report, content: 'findings', occasion: { kind: 'first' } }], { fullUpTo })
    for (const { subject, preheader, ...rest } of [letterIn('fr', report, { fullUpTo }), digest]) {
      expect(JSON.stringify(rest)).toContain('Canari')
      expect([subject, preheader].join()).not.toContain('Canari')
    }
  })
})
