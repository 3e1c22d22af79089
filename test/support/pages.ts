/**
 * Pages as plain values: one with everything that a page can have, one quiet; and ways to change all of their strings.
 */

import { pageOf } from '../../lambdas/domain/page/build-page.ts'
import type { Lanes } from '../../lambdas/domain/page/first/lanes.ts'
import type { Line, LineTable } from '../../lambdas/domain/page/manoeuvre/lists.ts'
import type { RhythmChart } from '../../lambdas/domain/page/manoeuvre/rhythm.ts'
import type { Page } from '../../lambdas/domain/page/page.ts'
import type { ShownPlate } from '../../lambdas/domain/plate/plate.ts'
import type { Facts } from '../../lambdas/domain/report/facts.ts'
import { sectionNames } from '../../lambdas/domain/report/organisation.ts'
import { detectionAsOf } from './detections.ts'
import { platePictures } from './plates.ts'
import { reportOn } from './reports.ts'

const rhythmChart: RhythmChart = {
  title: '4 797 sur 5 187 messages tombent aux heures de bureau de l’origine supposée',
  note: 'Messages par heure (Nouméa, UTC+11).',
  text: 'Messages par heure : 910 au plus.',
  bars: [
    { at: 25.1, width: 1.7, posts: 30 },
    { at: 37.6, width: 1.7, posts: 910 },
  ],
  top: { at: 38.5, written: '910 messages en une heure' },
  mean: { value: 216, written: 'moyenne : 216', side: 'start' },
  shades: [
    { kind: 'work', at: 33.3, width: 18.7 },
    { kind: 'holiday', at: 60, width: 40 },
  ],
  unknown: [{ at: 50, width: 50, written: 'heures n. c.' }],
  days: [
    { at: 0, written: 'mercredi 15 mai' },
    { at: 50, written: 'jeudi 16 mai' },
  ],
  bracket: { at: 0, width: 100, written: 'plus de 5 000 messages sur ces jours' },
  axes: [
    {
      name: 'Nouméa',
      offset: 'UTC+11',
      ticks: [
        { at: 0, written: '0 h' },
        { at: 50, written: '0 h' },
        { at: 100, written: '0 h' },
      ],
    },
    { name: 'Bakou (supposée)', offset: 'UTC+4', ticks: [{ at: 0, written: '17 h' }] },
  ],
  paragraphs: [
    'Pas le plus haut : 910 messages en une heure.',
    'Un horaire de bureau est un indice, jamais une preuve.',
  ],
}

const line = (title: string): Line => ({
  title: { text: title, lang: 'ar' },
  under: 'Copier-coller · nc-1',
  when: '15 mai 2024',
  platforms: 'X et Facebook',
  posts: 'au moins 145',
  accounts: '80',
  reposts: 'n. c.',
  marking: 'TLP:GREEN',
  onPaper: { under: 'nc-1', when: '15 mai', platforms: '2 plateformes' },
  only: '',
})

const lineTable = (anchor: string): LineTable => ({
  anchor,
  title: `Liste ${anchor}`,
  note: `Note ${anchor}`,
  rows: [line('Première'), line('Seconde')],
  folds: [{ ...line('Plis'), title: '43 autres', onPaper: { when: '15 mai', platforms: '2 plateformes' } }],
  more: 'Trois de plus.',
})

const cell = (text: string, number = false) => ({
  label: `Colonne ${text}`,
  number,
  text: { text, lang: 'ar' },
  under: [{ text: `Sous ${text}` }],
  isAddress: false,
})

/** A dossier's table of one row. */
const dossierTable = (kind: 'operations' | 'links' | 'actors' | 'sets' | 'accounts' | 'indicators' | 'saying') => ({
  anchor: `dossier-${kind}-table`,
  title: `Tableau ${kind}`,
  note: `Note ${kind}`,
  kind,
  head: [
    { label: `Tête ${kind}`, number: false },
    { label: `Nombre ${kind}`, number: true },
  ],
  rows: [[{ ...cell(`Ligne ${kind}`), isAddress: kind === 'indicators' }, cell(`Valeur ${kind}`, true)]],
  more: `Suite ${kind}`,
})

/** Everything that a flash note can have. */
export const flashPage = (): Page => {
  const full = fullPage()
  return {
    ...full,
    ...{ first: null, basis: null },
    ...{ manoeuvres: null, time: null, disarm: null, ongoing: null, undatedHere: null, across: null, annex: null },
    order: [],
    contents: { ...full.contents, items: [] },
    since: null,
    figures: { ...full.figures, rows: [], note: [] },
    flash: {
      places: 'Nouvelle-Calédonie et Wallis-et-Futuna',
      when: '17 mai 2024, 06 h 30 · 42 heures après le premier message',
      blocks: [
        {
          anchor: 'flash-1',
          label: 'Manœuvre première',
          marking: 'TLP:AMBER',
          title: { text: 'Photo détournée du supermarché', lang: 'ar' },
          rows: [{ label: 'Effet de la photo', paragraphs: [[{ text: 'Aucun effet encore', strong: true }]] }],
        },
      ],
      readers: {
        title: 'Pour qui lit la note',
        note: 'par qui la signe',
        items: [{ text: [{ text: 'Ne rien relayer' }], lang: 'en' }],
      },
    },
  }
}

/** Everything that plates can have: a pair, one that was removed, one without room, and posts in other languages. */
export const platesPage = (): Page => {
  const hashes = [...platePictures.keys(), 'c'.repeat(64), 'd'.repeat(64)]
  const told = (at: number, picture: ShownPlate['picture'], more: Partial<ShownPlate> = {}): ShownPlate => ({
    ...{ sha256: hashes[at] ?? '', received: 'e'.repeat(64), kind: 'image/png', width: 160, height: 100 },
    ...{ bytes: 1_000, masks: at, source: `Source ${at}`, date: '2024-05', marking: 'TLP:GREEN', picture, of: ['d1'] },
    caption: { fr: `Légende ${at}`, en: `Caption ${at}` },
    alt: { fr: `Schéma ${at}`, en: `Drawing ${at}` },
    ...more,
  })
  const quote = { text: 'لا نعرف', language: 'ar', languageScore: 71, translations: [] }
  const translations = [
    { language: 'fr', text: 'On ne sait pas.', by: 'Argos', byMachine: true, readOverBy: 'C. Morel' },
  ]
  const quotes = [quote, { ...quote, translations, archiveUrl: '[https]://archive[.]example/1', source: 'X' }]
  const report = reportOn([detectionAsOf({ counts: { posts: 10 } })])
  const facts: Facts = {
    ...report,
    manoeuvres: report.manoeuvres.map((one) => ({ ...one, quotes })),
    plates: [
      {
        original: told(0, 'shown', { archive: '[https]://archive[.]example/0' }),
        plate: told(1, 'shown', { changes: { fr: 'Recadrage', en: 'A crop' } }),
        crop: { x: 40, y: 20, width: 80, height: 50 },
      },
      { plate: told(2, 'removed', { reason: 'montre un mineur' }) },
      { plate: told(3, 'left out') },
    ],
  }
  return pageOf(facts, 'fr')
}

/** Everything that a dossier's page can have. */
export const dossierPage = (): Page => {
  const chapter = (anchor: string) => ({
    anchor,
    title: `Chapitre ${anchor}`,
    none: '',
    tables: [],
    chain: null,
    reply: null,
    map: null,
    shares: [],
  })
  const full = fullPage()
  return {
    ...full,
    ...{ first: null, basis: null },
    manoeuvres: null,
    time: null,
    ongoing: null,
    across: null,
    order: full.order.filter((one) => !['manoeuvres', 'time', 'ongoing', 'across'].includes(one)),
    contents: { ...full.contents, items: full.contents.items.filter(({ anchor }) => anchor === 'sources') },
    since: null,
    unknown: null,
    watchFor: null,
    watch: null,
    dossier: {
      name: 'Matriochka',
      kind: 'dossier de campagne',
      key: [
        { label: 'Effet', paragraphs: [[{ text: 'Aucun effet', strong: true }, { text: ' observé.' }]] },
        { label: 'Ampleur', note: 'comptée une fois', paragraphs: [[{ text: 'Huit opérations.' }]] },
      ],
      operations: dossierTable('operations'),
      unknown: { items: [[{ text: 'Qui est revenu.' }]] },
      chapters: [
        {
          ...chapter('dossier-actors'),
          chain: {
            title: 'Un lien',
            text: 'Chaîne de deux acteurs.',
            boxes: [
              { column: 0, name: 'Groupe', kind: 'groupe', isState: false },
              { column: 1, name: 'Un très long nom d’État', kind: 'État', isState: true },
            ],
            links: [{ number: 1, from: 0, to: 1, basis: 'déclaratif', weight: 'plain', isMutual: false }],
          },
          tables: [dossierTable('links'), dossierTable('actors')],
          reply: { label: 'Position', paragraphs: [[{ text: 'Rejette l’accusation.' }]] },
        },
        {
          ...chapter('dossier-accounts'),
          tables: [dossierTable('sets'), dossierTable('accounts')],
        },
        {
          ...chapter('dossier-steps'),
          map: {
            note: 'Par mois.',
            step: 'Mois',
            codes: [{ code: 'NC', name: 'Nouvelle-Calédonie' }],
            rows: [
              {
                step: 'Mai 2024',
                cells: [
                  {
                    state: 'active',
                    text: '4',
                    territory: 'Nouvelle-Calédonie',
                    spoken: 'Nouvelle-Calédonie, 4 détections',
                  },
                ],
                posts: 'au moins 5 332',
                breakout: '2',
                effect: 'non observé',
              },
            ],
            legend: [{ state: 'active', text: 'vu' }],
          },
        },
        { ...chapter('dossier-narratives'), shares: full.time?.tables ?? [] },
        { ...chapter('dossier-indicators'), tables: [dossierTable('indicators')] },
        { ...chapter('dossier-saying'), none: 'Aucune source.', tables: [dossierTable('saying')] },
      ],
    },
  }
}

/** Everything that a group's page can have. */
export const groupPage = (): Page => ({
  ...fullPage(),
  first: nationalPage(),
  basis: null,
  group: {
    rows: [
      {
        ...{ name: 'Nouvelle-Calédonie', href: '', level: 'Niveau 2 sur 4', posts: 'au moins 5 332' },
        ...{ joint: 'et 12 en commun', detections: '1', breakout: 'catégorie 2', state: 'effet non évalué' },
      },
    ],
    lanes: lanes('campagnes', [{ from: 20, to: 90 }], 2),
    remarks: [[{ text: 'Une remarque.' }]],
  },
})

const mark = {
  ...{ sign: '2', steps: 2 as const, shade: '2', isNumber: true, name: 'Activité inhabituelle', atLeast: 'au moins' },
  spoken: 'Niveau 2 sur 4 au moins : Activité inhabituelle',
}

export const firstPage = (): NonNullable<Page['first']> => ({
  title: 'Ce qui s’est passé',
  subject: 'Manipulations de l’information visant la Nouvelle-Calédonie',
  when: 'Semaine 20, du 13 – 19 mai 2024',
  correction: { label: 'Corrige la version 1.', text: [{ text: 'Retirée : une photo.' }] },
  level: {
    ...mark,
    last: 'semaine 19 : niveau 0',
    why: [{ text: 'Au moins 5 332 messages', strong: true }, { text: ', après huit semaines.' }],
    scale: [{ value: '2', name: 'Activité inhabituelle', steps: 2, isHere: true }],
  },
  national: null,
  rows: [
    {
      label: 'Allégation',
      text: [{ text: 'Photo', lang: 'en' }],
      small: [{ text: 'Source : VIGINUM.' }],
    },
  ],
  isTight: false,
  judgement: {
    title: 'Jugement de l’analyste (en anglais)',
    text: 'Un jugement.',
    lang: 'en',
    by: 'C. Durand, 20 mai 2024, 07 h 00',
  },
  trend: {
    title: 'Vingt fois une semaine ordinaire',
    note: 'n. c. : nombre non communiqué.',
    points: [
      { label: 'S19', value: 'not given', written: 'n. c.' },
      { label: 'S20', value: 5332, written: '≥ 5 332' },
    ],
    band: { least: 0, most: 3, label: 'semaine ordinaire : 0 à 3' },
    spoken: 'Messages par semaine.',
  },
  unknown: { items: [[{ text: 'Combien de messages.' }]], more: 'Un autre point en annexe.' },
  moreUnknown: [[{ text: 'Qui tient les comptes.' }]],
  actions: [[{ text: 'Tenir prêt un démenti.' }]],
  avoid: [[{ text: 'republier la photo.' }]],
  hasAdvice: true,
  hasContact: true,
  ...{ hasBox: true, inContact: false },
  contact: { phone: '01 99 00 12 34', hours: 'tous les jours', address: 'veille@example.org' },
  next: 'Prochain rapport : lundi 27 mai.',
  method: 'Sources et méthode : page',
  methodAnnex: 'Sources et méthode : en annexe.',
  watch: 'Veille complète : 28 relevés sur 28.',
  made: 'Texte automatique.',
})

const lanes = (name: string, spans: Lanes['rows'][number]['spans'], count = 1, note = ''): Lanes => ({
  note: `Cercle : première détection (${name}).`,
  ticks: [{ at: 0, label: `mai 2024, ${name}` }],
  rows: Array.from({ length: count }, (_, at) => ({
    ...{ name: `${name} ${at}`, href: '', note, from: 20, stops: [20], spans },
    labels: [{ at: 20, text: `Corse, ${name} ${at}`, names: [] }],
    text: `Corse (3 mai), ${name} ${at}`,
  })),
})

const nationalPage = (): NonNullable<Page['first']> => ({
  ...firstPage(),
  unknown: { items: [], more: '' },
  level: null,
  rows: [],
  national: {
    summary: [{ text: 'Activité inhabituelle', strong: true }, { text: ' : Nouvelle-Calédonie.' }],
    tiles: [{ code: 'NC', name: 'Nouvelle-Calédonie', href: '', level: mark, was: 'était 0' }],
    scale: [{ value: '2', name: 'Activité inhabituelle', steps: 2 }],
    signs: '✕ veille interrompue. ≥ au moins.',
    headline: 'Activité inhabituelle : Nouvelle-Calédonie.',
    lanes: lanes('campagne', [{ from: 20, to: 90 }]),
    lanesTitle: 'Une campagne, de territoire en territoire',
    manoeuvres: {
      title: 'Une manœuvre',
      rows: [
        {
          claim: [{ text: 'Photo', lang: 'en' }],
          where: 'Nouvelle-Calédonie',
          campaign: 'Matriochka',
          change: 'nouvelle',
          effect: [{ text: 'Aucune source ne dit l’effet.' }],
          breakout: '(propagation 2 sur 6)',
          level: mark,
          spread: 'Propagation 2 sur 6.',
          posts: 'au moins 5 332',
          apart: 'messages hors total',
          size: 'au moins 5 332 messages',
        },
      ],
    },
  },
})

/** Everything that a page can have. */
export const fullPage = (): Page => ({
  lang: 'fr',
  edition: 'whole',
  documentTitle: 'Nouvelle-Calédonie : rapport hebdomadaire (TLP:AMBER+STRICT)',
  description: 'Rapport hebdomadaire Vigie, Nouvelle-Calédonie',
  tagline: 'Veille par territoire',
  banner: '',
  marking: 'TLP:AMBER+STRICT',
  markingSlug: 'amber-strict',
  territory: 'Nouvelle-Calédonie',
  territoryCode: 'NC',
  kind: 'rapport hebdomadaire',
  period: '13 – 19 mai 2024 (semaine 20)',
  running: { head: 'Vigie · Nouvelle-Calédonie', foot: 'Semaine 20, version 1' },
  bounds: [
    { label: 'Heure locale', text: 'du lundi 13 mai au dimanche 19 mai' },
    { label: 'UTC', text: '168 heures' },
  ],
  notes: [
    {
      label: 'Note de l’analyste',
      author: 'C. Durand',
      role: 'analyste de veille',
      written: '20 mai 2024, 07 h 00',
      approves: 'approuve ce rapport',
      marking: 'TLP:AMBER',
      lang: 'fr',
      inLanguage: 'rédigée en anglais',
      blocks: [
        { list: false, ordered: false, items: [[{ text: 'Une note.' }]] },
        { list: true, ordered: false, items: [[{ text: 'Un point.' }]] },
        { list: true, ordered: true, items: [[{ text: 'Un premier point.' }]] },
      ],
      fields: [
        {
          label: 'Qu’une même grappe coordonne',
          note: '',
          word: 'très probable',
          more: '(80 – 95 %)',
          scale: { form: 'band', low: 80, high: 95, ends: ['0', '50', '100 %'], text: 'De 80 à 95 %.' },
        },
      ],
      points: [{ title: 'À éviter', items: [[{ text: 'Relayer la photo.' }]] }],
    },
  ],
  first: firstPage(),
  basis: {
    title: 'Pourquoi le niveau 2',
    rows: [{ question: '2. Un chiffre ?', answer: 'oui : niveau 2', isFirst: true, on: '5 332 messages' }],
  },
  since: {
    isEmpty: false,
    lists: [
      {
        sign: 'added',
        name: 'nouveau',
        count: '4',
        rows: [{ title: { text: 'Storm-1516', lang: 'en' }, asks: '', note: 'campagne, une manœuvre' }],
        more: 'et 3 autres',
      },
      {
        sign: 'ended',
        name: 'terminé ?',
        count: '1',
        rows: [{ title: { text: 'Relais' }, asks: ' ?', note: 'vu en dernier : semaine 17' }],
        more: '',
      },
    ],
    notes: ['Une autre n’est plus vue.'],
  },
  unknown: {
    items: [[{ text: 'Combien de messages.' }]],
  },
  watchFor: { note: 'selon C. Durand', items: [{ text: [{ text: 'Un média.' }], lang: 'fr' }] },
  figures: {
    isCompared: true,
    title: 'En chiffres',
    head: {
      measure: 'Mesure',
      now: 'Semaine 20',
      history: 'S12 à S20',
      before: 'Semaine 19',
      median: 'Médiane',
    },
    rows: [
      {
        name: 'Messages',
        note: 'connus',
        qualifier: 'au moins',
        value: '5 332',
        history: [0, 12, 'not given', 3, 0, 9, 14, 214, 5332],
        historyText: 'Huit périodes entre 0 et 214, puis 5 332',
        before: '214',
        change: '+ 5 118',
        median: '9',
        multiple: '× 592',
      },
    ],
    note: [{ text: 'Inhabituel', strong: true }, { text: ' : loin de la médiane.' }],
  },
  watch: { text: [{ text: '28 apports reçus sur 28', strong: true }, { text: '.' }] },
  house: { organisation: '', logo: '', accent: '', accentDark: '' },
  order: [...sectionNames],
  contents: {
    items: [
      { anchor: 'manoeuvres', title: 'Manœuvres' },
      { anchor: 'time', title: 'Chronologie' },
      { anchor: 'ongoing', title: 'En cours' },
      { anchor: 'undatedHere', title: 'Non datées' },
      { anchor: 'sources', title: 'Preuve de veille' },
    ],
  },
  group: null,
  dossier: null,
  manoeuvres: {
    cards: [
      {
        anchor: 'm1',
        label: 'Manœuvre 1 sur 1',
        campaign: 'UN-notorious BIG',
        campaignLine: [{ text: 'Campagne ' }, { text: 'UN-notorious BIG', strong: true }],
        title: { text: 'Photo détournée', lang: 'en' },
        when: '15 – 16 mai 2024',
        meta: 'X et Facebook · VIGINUM',
        marking: 'TLP:AMBER',
        attribution: {
          bases: {
            label: 'Fondements',
            note: 'un fait par source',
            items: [
              { sign: 'full', word: 'administratif', state: 'étayé' },
              { sign: 'half', word: 'déclaratif', state: 'partiel' },
              { sign: 'empty', word: 'technique', state: 'non étayé' },
            ],
          },
          table: dossierTable('links'),
          reply: { label: 'Position', paragraphs: [[{ text: 'Aucune position connue.' }]] },
        },
        rows: [
          { label: 'Acteur', paragraphs: [[{ text: 'Aucune source n’attribue.' }]] },
          {
            label: 'Comportement',
            paragraphs: [[{ text: '5 332 messages.' }]],
            cluster: {
              title: '82 % de l’ensemble a pris part',
              note: 'Comptes, même échelle',
              most: 1686,
              bars: [
                {
                  of: 'set',
                  part: 348,
                  whole: 423,
                  written: '348',
                  text: [{ text: '348 sur 423', strong: true }, { text: ' comptes suivis' }],
                  window: 'fenêtre : 15 – 16 mai',
                  spoken: '348 sur 423 comptes suivis (82 %)',
                },
                {
                  of: 'participants',
                  part: 348,
                  whole: 1686,
                  written: '348',
                  text: [{ text: '348 sur 1 686', strong: true }, { text: ' participants' }],
                  window: 'fenêtre : 15 mai',
                  spoken: '348 sur 1 686 participants (21 %)',
                },
              ],
              caveat: 'Les fenêtres diffèrent.',
            },
          },
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
        assessment: {
          label: 'Appréciation',
          note: 'par les sources',
          fields: [
            {
              label: 'Vraisemblance',
              note: 'de l’attribution',
              word: 'très probable',
              more: '(80 – 95 %)',
              scale: { form: 'band', low: 80, high: 95, ends: ['0', '50', '100 %'], text: 'De 80 à 95 %.' },
            },
            {
              label: 'Confiance',
              note: 'dans l’analyse',
              word: 'modérée',
              more: '(sur trois)',
              scale: {
                form: 'steps',
                at: 1,
                steps: ['faible', 'modérée', 'élevée'],
                text: 'Deuxième degré sur trois.',
              },
            },
          ],
          paragraphs: [[{ text: 'Cotation : A2' }]],
        },
        rhythm: rhythmChart,
        parts: lineTable('m1-parts'),
        criteria: {
          title: 'Les quatre critères',
          note: 'Décret n° 2021-922.',
          head: { criterion: 'Critère', state: 'État', evidence: 'Élément' },
          rows: [
            {
              criterion: 'Acteur étranger',
              sign: 'full',
              state: 'étayé',
              evidence: { text: 'VIGINUM.' },
              bases: 'Fondement : déclaratif.',
            },
            {
              criterion: 'Intérêts',
              sign: 'half',
              state: 'partiel',
              evidence: { text: 'À apprécier.', lang: 'en' },
              bases: '',
            },
            { criterion: 'Contenu', sign: 'empty', state: 'non étayé', evidence: null, bases: '' },
            { criterion: 'Diffusion', sign: 'dashed', state: 'non évalué', evidence: null, bases: '' },
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
    rest: { note: 'Note', tables: [lineTable('rest-1')], more: 'Deux de plus.' },
  },
  time: {
    chart: {
      title: 'Mercredi 15 mai : 97 % des messages',
      note: 'Messages par jour local',
      text: 'Messages par jour : 145 ; 5 187.',
      bars: [
        { label: 'mardi 14 mai', value: 145, written: '145' },
        { label: 'mercredi 15 mai', value: 5187, written: '5 187' },
      ],
      brackets: [{ first: 0, last: 1, written: 'au moins 5 400 sur ces jours' }],
      peak: { title: '« Copier-coller »', text: 'la plus lourde du jour', side: 'left', inset: 50 },
    },
    unit: 'Jour',
    rows: [
      { day: 'Mardi 14 mai', posts: '145', detections: '1' },
      { day: 'Mercredi 15 mai', posts: '5 187', detections: '3' },
    ],
    undated: 'Sans jour : 1 détection.',
    tables: [
      {
        title: 'Plateformes',
        note: 'Ne s’additionnent pas.',
        wide: true,
        hasPosts: true,
        compared: true,
        rows: [
          { name: 'X', detections: '3', posts: '5 187', change: 'nouveau', share: 1 },
          { name: 'Facebook', detections: '2', posts: 'n. c.', change: '+ 12', share: 0 },
        ],
      },
    ],
  },
  disarm: {
    title: 'Techniques DISARM',
    finding: 'Deux des trois mentions relèvent de la tactique « Fabriquer le contenu »',
    note: 'Mentions par phase et par rang de tactique',
    phases: [
      {
        title: 'Préparer',
        tactics: [
          { rank: '4', name: { text: 'Élaborer les récits' }, count: '0', active: false, share: 0 },
          { rank: '5', name: { text: 'Develop Content', lang: 'en' }, count: '2', active: true, share: 1 },
        ],
      },
    ],
    outside: 'Hors de la matrice : une mention.',
    ids: {
      note: 'Le rang renvoie à la matrice.',
      currentHead: 'Actuel',
      rows: [
        {
          reported: { id: 'T0104.005', name: { text: 'Use Hashtags', lang: 'en' } },
          current: [{ id: 'T0015.001', name: { text: 'Use Existing Hashtag', lang: 'en' } }],
          rank: '5',
          mentions: '2',
          sign: 'arrow',
          state: 'remplacé',
        },
        {
          reported: { id: 'T0099.001', name: null },
          current: [{ id: '', name: { text: 'successeur T0142, retiré à son tour' } }],
          rank: '–',
          mentions: '1',
          sign: 'flag',
          state: 'sans équivalent',
        },
      ],
      more: 'Un identifiant de plus.',
    },
    others: [
      {
        anchor: 'disarm-other-1',
        title: 'mitre-attack',
        rows: [{ technique: { id: 'T1059', name: { text: 'Scripts' } }, mentions: '1' }],
        more: 'Encore deux.',
      },
    ],
  },
  ongoing: lineTable('ongoing'),
  undatedHere: lineTable('undatedHere'),
  across: {
    lanes: lanes('manœuvre suivie', [], 1, 'douze messages'),
    more: 'Trois manœuvres de plus, sans tableau.',
  },
  changes: {
    title: 'Les versions',
    sentences: [[{ text: 'Depuis la version 1.' }]],
    head: { measure: 'Mesure changée', before: 'Avant cela', after: 'Maintenant' },
    tables: [{ title: 'Chiffres ici', rows: [{ measure: 'Messages comptés', before: '10 avant', after: '12 après' }] }],
  },
  sources: {
    note: 'Dernier apport connu.',
    days: '13 – 19 mai',
    letters: ['L', 'M', 'M', 'J', 'V', 'S', 'D'],
    rows: [
      {
        name: 'D3lta',
        under: '1.0 · grapheme 0,693',
        last: '20 mai 2024, 05 h 47',
        inputs: '26 sur 28',
        signs: ['nothing', 'nothing', 'silent', 'not due', 'nothing', 'nothing', 'nothing'],
        daysText: 'apport reçu, apport reçu',
        gap: { alert: true, text: '30 h depuis le 17 mai' },
        limits: { text: 'Rappel de 60 %' },
      },
    ],
    legend: [{ sign: 'nothing', text: 'apport reçu' }],
    counts: [{ label: 'Retenues par le marquage', value: '2' }],
  },
  annex: {
    detections: {
      title: 'Toutes les détections',
      rows: [
        {
          title: { text: 'Photo détournée', lang: 'en' },
          id: 'nc-1',
          isPart: false,
          when: '15 mai 2024',
          standing: 'comptée',
          source: 'D3lta',
          rating: 'B2',
          posts: '5 187',
          marking: 'TLP:GREEN',
        },
        {
          title: { text: 'Sur Facebook' },
          id: 'nc-2',
          isPart: true,
          when: '16 mai 2024',
          standing: 'en cours',
          source: 'VIGINUM',
          rating: '–',
          posts: 'n. c.',
          marking: 'TLP:AMBER',
        },
      ],
      more: 'Deux de plus dans detections.csv.',
    },
    candidates: {
      rows: [
        {
          method: 'Textes copiés',
          id: 'vigie-1',
          when: '15 mai 2024',
          posts: '12',
          accounts: '7',
          strength: '–',
          marking: 'TLP:AMBER',
        },
      ],
      more: 'Un de plus.',
    },
    indicators: {
      groups: [{ label: 'Domaines (2)', values: ['a[.]example', 'b[.]example'] }],
      more: 'Un de plus.',
    },
    scales: {
      groups: [
        {
          title: 'Chiffres',
          note: 'Les messages s’additionnent.',

          entries: [{ term: 'exact', text: 'connu' }],
        },
        { title: 'Critères', note: '', entries: [{ term: 'étayé', sign: 'full', text: 'sourcé' }] },
        { title: 'Droit de réponse', note: 'Écrire à l’émetteur.', entries: [] },
      ],
    },
  },
  closing: [{ label: 'Méthode', note: 'en bref', paragraphs: [[{ text: 'Une détection compte une fois.' }]] }],
})

/** A period in which nothing was detected. */
export const quietPage = (): Page => {
  const { contents, ...page } = fullPage()
  return {
    ...page,
    marking: 'TLP:GREEN',
    markingSlug: 'green',
    across: null,
    changes: null,
    order: ['sources'],
    contents: { ...contents, items: contents.items.slice(-1) },
    manoeuvres: null,
    time: null,
    disarm: null,
    ongoing: null,
    undatedHere: null,
    annex: null,
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
      chart: page.time.chart && {
        ...page.time.chart,
        bars: days.map((day) => ({ ...day, written: `${day.value} messages` })),
        brackets: [],
      },
      rows: days.map(({ label, value }) => ({ day: `Le ${label}.`, posts: `${value}`, detections: '1' })),
    },
  }
}

/** The keys whose strings are one of a few words, and no text. */
const closed = new Set([
  'code',
  'order',
  'accent',
  'accentDark',
  'logo',
  'marking',
  'lang',
  'edition',
  'sign',
  'territoryCode',
  'form',
  'of',
  'side',
  'signs',
  'history',
])

/** The same value with each string of it changed, but for empty ones and those of a closed list. */
export const withStrings = <Value>(value: Value, change: (text: string, path: string) => string): Value =>
  changed(value, '', change) as Value

const changed = (value: unknown, path: string, change: (text: string, path: string) => string): unknown => {
  if (typeof value === 'string') return value === '' ? value : change(value, path)
  if (Array.isArray(value)) return value.map((item, at) => changed(item, `${path}.${at}`, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isClosed = closed.has(key)
      return [key, isClosed ? inner : changed(inner, `${path}.${key}`, change)]
    }),
  )
}
