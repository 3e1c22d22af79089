/** Pages as plain values: one with everything that a page can have, one quiet; and ways to change all of their strings. */
import type { Page } from '../../lambdas/domain/page.ts'
import type { Line, LineTable } from '../../lambdas/domain/page-lists.ts'

const line = (title: string): Line => ({
  title: { text: title, lang: 'ar' },
  under: 'Copier-coller · nc-1',
  when: '15 mai 2024',
  platforms: 'X et Facebook',
  posts: 'au moins 145',
  accounts: '80',
  reposts: 'n. c.',
  marking: 'TLP:GREEN',
})

const lineTable = (anchor: string): LineTable => ({
  anchor,
  title: `Liste ${anchor}`,
  note: `Note ${anchor}`,
  head: {
    title: 'Détection',
    when: 'Quand',
    platforms: 'Plateformes',
    posts: 'Messages',
    accounts: 'Comptes',
    reposts: 'Republications',
    marking: 'Marquage',
  },
  rows: [line('Première'), line('Seconde')],
  more: 'Trois de plus.',
})

/** Everything that a page can have. */
export const fullPage = (): Page => ({
  lang: 'fr',
  documentTitle: 'Nouvelle-Calédonie : rapport hebdomadaire (TLP:AMBER+STRICT)',
  description: 'Rapport hebdomadaire Vigie, Nouvelle-Calédonie',
  tagline: 'Veille par territoire',
  skip: 'Aller au contenu',
  marking: 'TLP:AMBER+STRICT',
  markingSlug: 'amber-strict',
  territory: 'Nouvelle-Calédonie',
  territoryCode: 'NC',
  kind: 'rapport hebdomadaire',
  period: '13 – 19 mai 2024 (semaine 20)',
  running: { head: 'Vigie · Nouvelle-Calédonie', foot: 'Semaine 20, version 1' },
  bounds: [
    { label: 'Heure locale', text: 'du lundi 13 mai au dimanche 19 mai' },
    { label: 'UTC', text: '168 heures' },
  ],
  essentials: {
    title: 'L’essentiel',
    note: 'Phrases établies par la machine.',
    statement: null,
    findings: [
      [{ text: 'Au moins 5 332 messages', strong: true }, { text: ' ont visé le territoire.' }],
      [{ text: 'Aucun effet.' }],
    ],
  },
  figures: {
    title: 'En chiffres',
    head: {
      measure: 'Mesure',
      now: 'Semaine 20',
      history: 'S12 à S20',
      before: 'Semaine 19',
      median: 'Médiane',
      reading: 'Lecture',
    },
    rows: [
      {
        name: 'Messages',
        note: 'connus',
        qualifier: 'au moins',
        value: '5 332',
        history: [0, 12, null, 3, 0, 9, 14, 214, 5332],
        historyText: 'Huit périodes entre 0 et 214, puis 5 332',
        before: '214',
        change: '+ 5 118',
        median: '9',
        multiple: '× 592',
        reading: { sign: 'unusual', word: 'inhabituel' },
      },
    ],
    note: [{ text: 'Inhabituel', strong: true }, { text: ' : loin de la médiane.' }],
  },
  contents: {
    title: 'Dans ce rapport',
    items: [
      { anchor: 'manoeuvres', title: 'Manœuvres' },
      { anchor: 'time', title: 'Chronologie' },
      { anchor: 'ongoing', title: 'En cours' },
      { anchor: 'undatedHere', title: 'Non datées' },
      { anchor: 'sources', title: 'Sources' },
    ],
  },
  manoeuvres: {
    title: 'Manœuvres',
    cards: [
      {
        anchor: 'm1',
        label: 'Manœuvre 1 sur 1',
        campaign: 'UN-notorious BIG',
        title: { text: 'Photo détournée', lang: 'en' },
        when: '15 – 16 mai 2024',
        meta: 'X et Facebook · VIGINUM',
        marking: 'TLP:AMBER',
        rows: [
          { label: 'Acteur', paragraphs: [[{ text: 'Aucune source n’attribue.' }]] },
          {
            label: 'Contenu',
            note: 'relevé',
            paragraphs: [[{ text: 'Un résumé.' }], [{ text: 'Mots-dièse', strong: true }, { text: ' : #Paris2024.' }]],
          },
        ],
        rowsAfter: [{ label: 'Effet', paragraphs: [[{ text: 'Sans effet observé.' }]] }],
        breakout: {
          label: 'Degré',
          note: 'de 1 à 6',
          category: 2,
          text: [{ text: 'Catégorie 2 sur 6', strong: true }, { text: ' : plusieurs plateformes.' }],
          evidence: { text: 'Deux plateformes, une communauté.' },
        },
        parts: lineTable('m1-parts'),
        criteria: {
          title: 'Les quatre critères',
          note: 'Décret n° 2021-922.',
          head: { criterion: 'Critère', state: 'État', evidence: 'Élément' },
          rows: [
            { criterion: 'Acteur étranger', sign: 'full', state: 'étayé', evidence: { text: 'VIGINUM.' } },
            { criterion: 'Intérêts', sign: 'half', state: 'partiel', evidence: { text: 'À apprécier.', lang: 'en' } },
            { criterion: 'Contenu', sign: 'empty', state: 'non étayé', evidence: null },
            { criterion: 'Diffusion', sign: 'dashed', state: 'non évalué', evidence: null },
          ],
        },
        evidence: {
          label: 'Éléments',
          note: 'liens neutralisés',
          items: [
            {
              number: 1,
              text: { text: 'Rapport technique' },
              address: '[https]://exemple[.]org/a',
              archive: 'sha256:4f0c19',
            },
          ],
        },
      },
    ],
    rest: lineTable('rest'),
  },
  time: {
    title: 'Chronologie',
    chart: {
      title: 'Mercredi 15 mai : 97 % des messages',
      note: 'Messages par jour local',
      text: 'Messages par jour : 145 ; 5 187.',
      bars: [
        { label: 'mardi 14 mai', value: 145, written: '145' },
        { label: 'mercredi 15 mai', value: 5187, written: '5 187' },
      ],
    },
    head: { day: 'Jour', posts: 'Messages', detections: 'Détections' },
    rows: [
      { day: 'Mardi 14 mai', posts: '145', detections: '1' },
      { day: 'Mercredi 15 mai', posts: '5 187', detections: '3' },
    ],
    undated: 'Sans jour : 1 détection.',
    tables: [
      {
        title: 'Plateformes',
        note: 'Ne s’additionnent pas.',
        head: { name: 'Plateforme', detections: 'Détections', posts: 'Messages' },
        rows: [
          { name: 'X', detections: '3', posts: '5 187', share: 1 },
          { name: 'Facebook', detections: '2', posts: 'n. c.', share: 0 },
        ],
      },
    ],
  },
  ongoing: lineTable('ongoing'),
  undatedHere: lineTable('undatedHere'),
  sources: {
    title: 'Sources',
    note: 'Dernier apport connu.',
    none: 'Rien encore de certaines.',
    head: { source: 'Source', last: 'Dernier apport', rhythm: 'Rythme attendu', limits: 'Limite connue' },
    rows: [
      {
        name: 'D3lta',
        under: '1.0 · grapheme 0,693',
        last: '20 mai 2024, 05 h 47',
        rhythm: '6 heures',
        limits: { text: 'Rappel de 60 %' },
      },
    ],
    withheld: { label: 'Retenues par le marquage', value: '2' },
  },
  closing: [{ label: 'Méthode', note: 'en bref', paragraphs: [[{ text: 'Une détection compte une fois.' }]] }],
})

/** A period in which nothing was detected. */
export const quietPage = (): Page => {
  const { essentials, contents, ...page } = fullPage()
  return {
    ...page,
    marking: 'TLP:GREEN',
    markingSlug: 'green',
    essentials: { ...essentials, statement: 'Aucune détection cette semaine.' },
    contents: { ...contents, items: contents.items.slice(-1) },
    manoeuvres: null,
    time: null,
    ongoing: null,
    undatedHere: null,
  }
}

/** A page of which the time section has so many days. */
export const pageOfDays = (count: number): Page => {
  const page = fullPage()
  const days = Array.from({ length: count }, (_, at) => ({ label: `${at + 1} mai`, value: at * 10 }))
  return {
    ...page,
    time: page.time && {
      ...page.time,
      chart: { ...page.time.chart, bars: days.map((day) => ({ ...day, written: `${day.value} messages` })) },
      rows: days.map(({ label, value }) => ({ day: `Le ${label}.`, posts: `${value}`, detections: '1' })),
    },
  }
}

/** The keys whose strings are one of a few words, and no text. */
const closed = new Set(['marking', 'lang', 'sign'])

/** The same value with each string of it changed, but for empty ones and those of a closed list. */
export const withStrings = <Value>(value: Value, change: (text: string, path: string) => string): Value =>
  changed(value, '', change) as Value

const changed = (value: unknown, path: string, change: (text: string, path: string) => string): unknown => {
  if (typeof value === 'string') return value === '' ? value : change(value, path)
  if (Array.isArray(value)) return value.map((item, at) => changed(item, `${path}.${at}`, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isClosed = closed.has(key) && typeof inner === 'string'
      return [key, isClosed ? inner : changed(inner, `${path}.${key}`, change)]
    }),
  )
}
