/**
 * A week as a busy one may be: detections of several kinds and campaigns over all territories, with joint ones and long
 * summaries.
 */
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'

const all = ['NC', 'PF', 'WF', 'GP', 'MQ', 'GF', 'BL', 'MF', 'PM', 'RE', 'YT', 'TF', 'COR'] as const
const campaigns = [
  'UN-notorious BIG',
  'Opération Aubépine',
  'Fougère',
  'Genêt',
  'Houx et Lierre',
  'Matriochka',
  'Portal Kombat outre-mer',
  'Doppelgänger',
  'Réseau Bougainvillier',
  'Storm-1516',
  'Campagne sans nom 11',
  undefined,
  undefined,
] as const
const kinds = ['copy-paste', 'video', 'diverted-media', 'coordinated-sharing', 'hashtag-hijack', 'other'] as const
const platforms = [['X'], ['X', 'Facebook'], ['Telegram'], ['TikTok', 'X'], ['YouTube']] as const
const techniques = ['T0049.001', 'T0104.005', 'T0086.002', 'T0099.001', 'T0015.001', 'T0085'] as const
const markings = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER', 'TLP:RED'] as const
const titles = [
  ['Copier-coller accusant la gendarmerie', 'Copy-paste accusing the gendarmerie'],
  ['Vidéo détournée d’une manifestation ancienne', 'Diverted video of an old demonstration'],
  ['Faux communiqué de la préfecture relayé en salves', 'Forged statement of the prefecture relayed in bursts'],
  ['Partages coordonnés d’un article d’un média étatique', 'Coordinated sharing of an article of a state outlet'],
] as const
const sentences = [
  'Des comptes récents reprennent, à la virgule près, un texte qui accuse les forces de l’ordre d’avoir tiré sur des manifestants.',
  'La vidéo, tournée dans un autre pays en 2019, est présentée comme filmée la veille sur le territoire.',
  'Les messages paraissent par salves de dix minutes, aux heures de bureau du pays d’origine supposé.',
  'Un média étatique étranger en fait un article le lendemain, que des élus locaux commentent.',
  'Les mêmes mots-dièse avaient servi au mois de février contre deux autres territoires.',
] as const

const effect = {
  state: 'observed',
  degree: 'media',
  text: {
    fr: 'Un quotidien local a repris l’accusation, et la préfecture a dû la démentir le lendemain par un communiqué.',
    en: 'A local daily repeated the accusation, and the prefecture had to deny it the next day.',
  },
  source: 'VIGINUM',
} as const

/** The value that a number of no meaning picks: the same detections on each run. */
const one = <Value>(values: readonly Value[], number: number): Value => values[number % values.length] as Value

/**
 * Of week 20 of 2024: one in six is of three territories, one in seven a part, one in twelve grave, one in three of few
 * posts.
 */
export const mixedWeek = (count: number): readonly Partial<DetectionInput>[] =>
  Array.from({ length: count }, (_, at) => {
    const [by, day] = [at * 7919, 13 + ((at * 5) % 7)]
    const isJoint = at % 6 === 2
    const territories = isJoint ? [one(all, by), one(all, by + 4), one(all, by + 9)] : [one(all, at)]
    const posts = at % 3 === 0 ? (by % 12) + 1 : ((by * 31) % 4999) + 10
    const [fr, en] = one(titles, by >> 2)
    const id = (number: number) => `mixed-2024-05-${String(number).padStart(3, '0')}`
    return {
      id: id(at),
      ...(at % 7 === 5 && { partOf: id(at - 1) }),
      detector: { name: one(['D3lta', 'CooRTweet', 'VIGINUM'], at), version: '1.0', marking: 'TLP:CLEAR' },
      kind: one(kinds, by),
      title: { fr: `${fr} (${territories[0]}, nº ${at})`, en: `${en} (${territories[0]}, no. ${at})` },
      summary: {
        fr: [0, 1, 2, 3, 4].map((next) => one(sentences, at + next)).join(' '),
        en: `A text seen ${posts} times.`,
      },
      territories,
      observed: { from: `2024-05-${day}` },
      platforms: [...one(platforms, by)],
      counts: {
        posts: { value: posts, qualifier: one(['exact', 'exact', 'at least', 'about'] as const, by) },
        accounts: Math.ceil(posts / 3),
      },
      ...(one(campaigns, by >> 3) !== undefined && { campaign: one(campaigns, by >> 3) }),
      techniques: [{ id: one(techniques, by) }],
      narratives: [{ fr: `La France accusée, récit ${at % 4}`, en: `France accused, narrative ${at % 4}` }],
      hashtags: ['#EndFrenchColonialism', `#mot${at % 41}`],
      languages: [one(['fr', 'en', 'ru', 'az'], by)],
      evidence: [{ label: { fr: 'Copie d’écran', en: 'Screenshot' }, url: `https://site-${at}.example/${at}` }],
      indicators: [{ type: 'url', value: `https://site-${at}.example/une/page/${at}` }],
      ...(at % 12 === 0 && { observedEffect: effect, breakout: { category: 4 } }),
      ...(at % 12 === 6 && { breakout: { category: 2 } }),
      marking: one(markings, by >> 1),
    }
  })

/** Numbers below another one, the same on each run. */
const seeded = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

/**
 * Of week 46 of 2026: short titles, seven campaigns, two in five grave, a tenth begun before or known to the month
 * alone, and many of all thirteen territories: what fills sheets is rows that are never folded.
 */
export const graveWeek = (count: number): readonly Partial<DetectionInput>[] => {
  const random = seeded(300)
  const day = (after: number) => new Date(Date.UTC(2026, 10, 9 + after)).toISOString().slice(0, 10)
  return Array.from({ length: count }, (_, at) => {
    const when = random(100)
    const wide = random(100)
    const rated = random(100)
    const felt = random(100)
    const named = random(100)
    const posts = random(5000)
    return {
      id: `grave-${String(at).padStart(3, '0')}`,
      detector: { name: one(['Copyscan', 'Ecoute', 'Grille'], random(3)), version: '1.0', marking: 'TLP:GREEN' },
      kind: one([...kinds, 'offline-event', 'infrastructure'] as const, random(8)),
      title: { fr: `Manœuvre numéro ${at}`, en: `Manoeuvre number ${at}` },
      territories: wide < 60 ? [one(all, random(13))] : wide < 88 ? [one(all, at), one(all, at + 5)] : [...all],
      observed:
        when < 75
          ? { from: day(random(7)) }
          : when < 80
            ? { from: '2026-11', precision: 'month' }
            : when < 88
              ? { from: day(-1 - random(11)), to: day(random(6)) }
              : { from: day(-1 - random(54)) },
      platforms: [one(['X', 'Facebook', 'TikTok', 'Telegram'], random(4))],
      ...(random(10) < 8 && {
        counts: { posts: { value: posts, qualifier: one(['exact', 'at least'] as const, at) } },
      }),
      ...(named < 55 && {
        campaign: one(['BIG Test', 'Storm-Alpha', 'Portail Kappa', 'Écho bleu', 'Marée noire'], named),
      }),
      ...(random(4) === 0 && { actor: { name: 'Groupe Z', attributedBy: 'VIGINUM' } }),
      ...(felt < 6 && {
        observedEffect: { state: 'observed', degree: 'act', text: { fr: `Salle fermée ${at}` }, source: 'Préfecture' },
      }),
      ...(felt >= 6 && felt < 20 && { observedEffect: { state: 'observed', degree: 'media' } }),
      ...(felt >= 20 && felt < 40 && { observedEffect: { state: 'none', source: 'VIGINUM' } }),
      ...(rated < 45 && { breakout: { category: one([1, 2, 3, 4, 5, 6] as const, rated) } }),
      hashtags: [`#${one(['Antilles', 'Nickel', 'Eau'], at)}`],
      marking: one(markings, random(6)),
    }
  })
}

/**
 * Of week 47 of 2026: short titles, 25 campaigns, a third grave, a fifth parts, many known by the minute, on two
 * platforms, and with floors and estimates: what makes a row take two lines.
 */
export const wideWeek = (count: number): readonly Partial<DetectionInput>[] => {
  const random = seeded(321)
  const named = [...campaigns.slice(0, 7), ...Array.from({ length: 18 }, (_, at) => `C${at}`)]
  const day = (after: number) => new Date(Date.UTC(2026, 10, 16 + after)).toISOString().slice(0, 10)
  return Array.from({ length: count }, (_, at) => {
    const [wide, when, posts, felt, rated, first] = [100, 100, 100, 100, 100, 7].map(random) as [
      ...[number, number, number, number, number, number],
    ]
    const hour = { from: `${day(first)}T07:25:00Z`, ...(random(3) === 0 && { to: `${day(first + 1)}T09:25:00Z` }) }
    const isSet = random(5) === 0
    const accounts = random(280) + 20
    const some = random(5000) + 1
    return {
      id: `wide-${String(at).padStart(3, '0')}`,
      detector: { name: one(['Balise', 'Sonar', 'Phare'], random(3)), version: '2', marking: 'TLP:CLEAR' },
      kind: one([...kinds, 'offline-event', 'infrastructure', 'campaign'] as const, random(9)),
      title: { fr: `Opération relevée nº ${at}`, en: `Recorded operation no. ${at}` },
      territories:
        wide < 62
          ? [one(all, random(13))]
          : wide < 92
            ? [one(all, at), one(all, at + 5), ...(wide < 78 ? [] : [one(all, at + 7), one(all, at + 9)])]
            : [...all],
      observed:
        when < 22
          ? hour
          : when < 28
            ? { from: '2026-11', precision: 'month' }
            : when < 32
              ? { from: day(-4), to: day(1) }
              : { from: day(first), ...(when < 50 && { to: day(Math.min(7, first + 3)) }) },
      platforms: [one(['X', 'Facebook', 'TikTok'], random(3)), ...(random(4) === 0 ? ['Telegram', 'YouTube'] : [])],
      counts: {
        ...(posts < 50 && { posts: at % 3 === 0 ? some % 9 : some % 1200 }),
        ...(posts >= 50 && posts < 73 && { posts: { value: some, qualifier: one(['at least', 'about'], at) } }),
        ...(posts >= 73 && posts < 81 && { posts: 0 }),
        ...(isSet ? { accounts, coordinatedAccounts: accounts } : random(4) === 0 && { accounts }),
        ...(random(5) === 0 && { reposts: random(2000) }),
      },
      ...(random(2) === 0 && { campaign: one(named, random(25)) }),
      ...(random(5) === 0 && { actor: { name: 'Cercle Oméga', attributedBy: 'VIGINUM', likelihood: 'likely' } }),
      ...(isSet && { accountSet: { id: 'ens-1', name: { fr: 'Ensemble Sigma', en: 'Set Sigma' }, size: 400 } }),
      ...(felt < 6 && {
        observedEffect: {
          state: 'observed',
          degree: 'act',
          text: { fr: `Réunion annulée ${at}` },
          source: 'Préfecture',
        },
      }),
      ...(felt >= 6 && felt < 14 && { observedEffect: { state: 'observed', degree: one(['media', 'online'], felt) } }),
      ...(felt >= 14 && felt < 18 && { observedEffect: { state: 'observed' } }),
      ...(felt >= 18 && felt < 42 && { observedEffect: { state: 'none', source: 'VIGINUM' } }),
      ...(rated < 40 && { breakout: { category: one([1, 1, 1, 2, 2, 3, 4, 5, 6] as const, rated) } }),
      ...(at > 3 && random(5) === 0 && { partOf: `wide-${String(random(at)).padStart(3, '0')}` }),
      ...(random(5) === 0 && { techniques: [{ id: one(['T0049', 'T0086.002', 'T0115', 'T0104.001'], at) }] }),
      hashtags: [`#${one(['Kanaky', 'Antilles', 'Eau', 'Réunion974'], at)}`],
      languages: [one(['fr', 'en', 'az', 'ru'], at)],
      narratives: [
        { fr: `La France abandonne ses îles, récit ${at % 2}`, en: `France abandons its islands, ${at % 2}` },
      ],
      marking: one(['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER'], random(3)),
    }
  })
}
