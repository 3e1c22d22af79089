/** Names and texts on a page: in the reader’s language, or marked with theirs. */
import { describe, expect, it } from 'vitest'
import type { Segment } from '../../lambdas/domain/core/language/language.ts'
import type { Language } from '../../lambdas/domain/core/language/languages.ts'
import type { DetectionInput, Name } from '../../lambdas/domain/detection/detection.ts'
import { killChain } from '../../lambdas/domain/detection/frameworks/kill-chain.ts'
import { pageOf } from '../../lambdas/domain/page/build-page.ts'
import type { Row } from '../../lambdas/domain/page/words/phrases.ts'
import { detectionAsOf } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const written = (segments: readonly Segment[] = []): string => segments.map(({ text }) => text).join('')

/** The rows of the one card that a detection gives. */
const rowsOf = (input: Partial<DetectionInput>, language: Language): readonly Row[] => {
  const card = pageOf(reportOn([detectionAsOf(input)]), language).manoeuvres?.cards[0]
  return [...(card?.rows ?? []), ...(card?.rowsAfter ?? [])]
}
const actorIn = (input: Partial<DetectionInput>, language: Language) =>
  rowsOf(input, language).find(({ label }) => label === 'Acteur' || label === 'Actor')?.paragraphs[0] ?? []

describe('an attribution', () => {
  const modusOperandi = { name: { en: 'A web infrastructure' }, attributedBy: 'VIGINUM' }

  it('is linked to a modus operandi, and attributed only to an actor', () => {
    expect(written(actorIn({}, 'en'))).toBe('No source attributes this manoeuvre.')
    expect(written(actorIn({ modusOperandi }, 'en'))).toBe(
      'According to VIGINUM, this manoeuvre is linked to the modus operandi “A web infrastructure”. Vigie reports this attribution and makes none.',
    )
    expect(written(actorIn({ actor: { name: 'State', attributedBy: 'VIGINUM' }, modusOperandi }, 'en'))).toMatch(
      /^According to VIGINUM, this manoeuvre is the work of: State\. According to VIGINUM, this manoeuvre is linked to/,
    )
    const french = actorIn({ modusOperandi }, 'fr')
    expect(written(french)).toContain('«\u202fA web infrastructure\u202f» (en anglais dans la source)')
    expect(french).toContainEqual({ text: '«\u202fA web infrastructure\u202f»', lang: 'en' })
  })
})

describe('techniques', () => {
  const techniques = [{ id: 'T0084.001' }, { id: '7.3', name: 'Engaging', framework: killChain }]
  const lines = (input: Partial<DetectionInput>) =>
    rowsOf(input, 'fr')
      .filter(({ label }) => label === 'Techniques')
      .map(({ note, paragraphs }) => [note, written(paragraphs[0])])

  it('of Meta’s kill chain have their own heading, never DISARM’s', () => {
    expect(lines({ techniques })).toEqual([
      ['DISARM, identifiants relevés', 'T0084.001\u00a0Avoir recours au copypasta'],
      ['Meta Online Operations Kill Chain, identifiants relevés', '7.3\u00a0Engaging'],
    ])
  })

  it('have the framework’s French name where there is one, else a marked English one', () => {
    const reported = [
      { id: 'T0084.001', name: 'Use Copypasta' },
      { id: 'T0104.005', name: 'Use Hashtags' },
      { id: 'T0001', name: { en: 'Made up' } },
      { id: 'T0002', name: 'Sans langue' },
    ]
    const [row] = rowsOf({ techniques: reported }, 'fr').filter(({ label }) => label === 'Techniques')
    expect(row?.note).toBe('DISARM, identifiants relevés')
    expect(row?.paragraphs[0]?.filter(({ text }) => text !== ' · ')).toEqual([
      { text: 'T0084.001\u00a0' },
      { text: 'Avoir recours au copypasta' },
      { text: 'T0104.005\u00a0' },
      { text: 'Use Hashtags', lang: 'en' },
      { text: 'T0001\u00a0' },
      { text: 'Made up', lang: 'en' },
      { text: 'T0002\u00a0' },
      { text: 'Sans langue' },
      { text: ' (certains noms en anglais dans la source)' },
    ])
    const [english] = rowsOf({ techniques: reported }, 'en').filter(({ label }) => label === 'Techniques')
    expect(english?.note).toBe('DISARM, ids as reported')
    expect(JSON.stringify(english)).not.toContain('"lang"')
  })
})

describe('an actor', () => {
  const actorOf = (name: Name, language: Language, attributedBy: Name = 'EEAS') =>
    written(actorIn({ actor: { name, attributedBy } }, language).slice(0, -1))

  it.each<[Name, string, string]>([
    ['Azerbaijan', 'Azerbaïdjan', 'Azerbaijan'],
    ['Russie', 'Russie', 'Russia'],
    [
      'Azerbaijan / Baku Initiative Group (BIG)',
      'Azerbaïdjan et Groupe d’initiative de Bakou (BIG)',
      'Azerbaijan and Baku Initiative Group (BIG)',
    ],
    [{ fr: 'Un réseau', en: 'A network' }, 'Un réseau', 'A network'],
    [{ ru: 'Сеть' }, 'Сеть (en russe dans la source)', 'Сеть (in Russian in the source)'],
  ])('%j has its name in the reader’s language', (name, french, english) => {
    expect(actorOf(name, 'fr')).toBe(`Selon SEAE, cette manœuvre est le fait de\u00a0: ${french}.`)
    expect(actorOf(name, 'en')).toBe(`According to EEAS, this manoeuvre is the work of: ${english}.`)
  })

  it('localises the source of an effect', () => {
    const rows = rowsOf({ observedEffect: { state: 'observed', source: 'EEAS' } }, 'fr')
    expect(written(rows.find(({ label }) => label === 'Effet')?.paragraphs[0])).toContain('SEAE')
  })
})

describe('a text that the source has in English alone', () => {
  const only = {
    title: { en: 'Only in English' },
    summary: { en: 'A summary.' },
    narratives: [{ en: 'A narrative' }, { en: 'Another', fr: 'Un autre' }],
    observedEffect: { state: 'observed' as const, text: { en: 'A council postponed.' } },
    impersonates: [
      { class: 'organization' as const, name: { en: 'Le Monde' } },
      { class: 'individual' as const, role: { en: 'minister' } },
    ],
    accountSet: { id: 'big', name: { en: '423 X accounts' }, size: 423 },
    counts: { coordinatedAccounts: 348 },
  }
  const mark = '(en anglais dans la source)'
  const pageIn = (language: Language, input: Partial<DetectionInput> = only) =>
    pageOf(reportOn([detectionAsOf(input)]), language)

  it('is marked on a French page, with its language, and on no English one', () => {
    const page = pageIn('fr')
    expect(page.manoeuvres?.cards[0]?.title).toEqual({ text: 'Only in English', lang: 'en', note: mark })
    const paragraphs = rowsOf(only, 'fr').flatMap((row) => row.paragraphs)
    const marked = (text: string) => {
      const found = paragraphs.find((runs) => runs.some((run) => run.text === text)) ?? []
      return found.slice(found.findIndex((run) => run.text === text)).slice(0, 2)
    }
    for (const text of ['A summary.', 'A narrative', 'A council postponed.'])
      expect(marked(text)).toEqual([{ text, lang: 'en' }, { text: expect.stringContaining(mark) }])
    const reported = page.first?.rows[0]?.text ?? []
    expect(written(reported)).toBe(`«\u202fOnly in English\u202f» ${mark}`)
    expect(reported).toContainEqual({ text: '«\u202fOnly in English\u202f»', lang: 'en' })
    expect(JSON.stringify(page)).toContain(`«\u202f423 X accounts\u202f» ${mark}`)
    expect(JSON.stringify(pageIn('en'))).not.toContain('in the source')
  })

  it('is not marked where it has its French, nor is the name of an organisation', () => {
    const text = written(rowsOf(only, 'fr').flatMap((row) => row.paragraphs.flat()))
    expect(text).toContain(`Récits\u00a0: A narrative ${mark} et Un autre.`)
    expect(text).toContain(`Identités usurpées\u00a0: Le Monde et minister ${mark}.`)
    const accountSet = { ...only.accountSet, name: { fr: '423 comptes X', en: '423 X accounts' } }
    expect(JSON.stringify(pageIn('fr', { ...only, accountSet }))).toContain('«\u202f423 comptes X\u202f»')
    expect(JSON.stringify(pageIn('en', { ...only, accountSet }))).not.toContain('423 comptes X')
  })
})
