/** Reports that strain a page: three hundred detections in a week, and texts of many scripts that mean it harm. */

import type { DetectionAsOf } from '../../lambdas/domain/aggregate/tally.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { detectionAsOf } from './detections.ts'
import { reportOn } from './reports.ts'

const kindsInTurn = ['copy-paste', 'video', 'diverted-media', 'coordinated-sharing', 'hashtag-hijack', 'other'] as const
const platformsInTurn = [['X'], ['X', 'Facebook'], ['Telegram'], ['TikTok'], ['Facebook'], ['YouTube', 'X']] as const
const techniquesInTurn = ['T0049.001', 'T0104.005', 'T0086.002', 'T0099.001', 'T0015.001', 'T0085'] as const
const markingsInTurn = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:GREEN'] as const

const inTurn = <Value>(values: readonly Value[], at: number): Value => {
  const value = values[at % values.length]
  if (value === undefined) throw new Error('there is nothing to take in turn')
  return value
}

const dayOf = (at: number): string => `2024-05-${13 + (at % 7)}`

/** So many detections of week 20 in New Caledonia: every fourth a part of the one before, in campaigns of ten. */
export const crowd = (count: number): readonly DetectionAsOf[] =>
  Array.from({ length: count }, (_, at) => detectionAsOf(oneOfMany(at)))

const oneOfMany = (at: number): Partial<DetectionInput> => {
  const isPart = at % 4 === 3
  const posts = ((at * 7919) % 997) + 1
  return {
    id: `crowd-${String(at).padStart(3, '0')}`,
    ...(isPart && { partOf: `crowd-${String(at - 1).padStart(3, '0')}` }),
    detector: { name: inTurn(['D3lta', 'CooRTweet', 'VIGINUM'], at), version: '1.0', expectedRhythm: 'PT6H' },
    kind: inTurn(kindsInTurn, at),
    title: {
      fr: `Des comptes reprennent le même message sur le barrage n° ${at}, de Nouméa à Koné`,
      en: `Accounts repeat one message about roadblock no. ${at}, from Nouméa to Koné`,
    },
    ...(at % 3 === 0 && {
      summary: { fr: `Un texte relevé ${posts} fois.`, en: `A text that was seen ${posts} times.` },
    }),
    observed: { from: dayOf(at) },
    platforms: [...inTurn(platformsInTurn, at)],
    counts: {
      posts: { value: posts, qualifier: at % 5 === 0 ? 'at least' : 'exact' },
      ...(at % 2 === 0 && { accounts: (posts >> 2) + 1 }),
      byInterval: [{ from: `${dayOf(at)}T03:00:00Z`, minutes: 10, posts }],
    },
    ...(at % 10 < 6 && { campaign: `Opération ${Math.floor(at / 10) + 1}` }),
    techniques: [{ id: inTurn(techniquesInTurn, at) }],
    narratives: [{ fr: `Récit ${at % 23}`, en: `Narrative ${at % 23}` }],
    hashtags: [`#barrage${at % 31}`, '#NouvelleCaledonie'],
    languages: [inTurn(['fr', 'az', 'ru', 'en'], at)],
    indicators: [{ type: 'url', value: `https://site-${at}.example/une/page/${'x'.repeat(at % 60)}` }],
    evidence: [{ label: { fr: 'Copie d’écran', en: 'Screenshot' }, url: `https://site-${at}.example/${at}` }],
    marking: inTurn(markingsInTurn, at),
  }
}

/** Three hundred detections of one week, with parts. */
export const crowdedReport = (count = 300): Report => reportOn(crowd(count))

const tooLong = 'Anticonstitutionnellement'.repeat(400) // 10,000 letters without a place to break

/**
 * Titles that a hostile or a foreign source could give. None is refused: all of it is text. The first three are told in
 * full.
 */
export const hostileTexts: readonly string[] = [
  tooLong.slice(0, 10_000),
  '</style></title><script>alert(1)</script><img src=x onerror=alert(1)>',
  // oxlint-disable-next-line no-template-curly-in-string -- it is the point
  '=HYPERLINK("http://evil.example";"cliquez") +1 -1 @SUM(A1) {{constructor}} {{{lookup this "x"}}} ${1+1} <%= 7*7 %> {x, plural, other{#}}',
  'Yeni Kaledoniyada müstəmləkəçilik: işğalçı Fransa, çıx get! ƏIĞÖŞÜÇ',
  'كاليدونيا الجديدة: فرنسا تقمع المتظاهرين (15 مايو) #حرية',
  'קלדוניה החדשה: צרפת 2024 והפגנות בנומאה',
  'Новая Каледония: французские войска, «убийцы» и ложь №1',
  '新喀里多尼亚：法国警察开枪，谁说的？“真相”',
  '뉴칼레도니아 시위: 프랑스 경찰의 진압, ნიუ კალედონია და Նոր Կալեդոնիա และนิวแคลิโดเนีย',
  'Vive Kanaky 🇫🇷🇳🇨🇦🇿 👨‍👩‍👧‍👦👍🏽✊🏿🔥❤️‍🔥 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'https://evil.example/une/adresse?avec=tout#et-plus et user@evil.example',
  'Z̴̡͇a̸l̷g̶ó̷͓ ﷽ ﷽ ﷽ ₿ ∑ ∮ ℵ ⅓ … ‹ › ‼ ⁉',
]

/** The first characters, none of them halved. */
const cut = (text: string, length: number): string => [...text].slice(0, length).join('').trim()

/** One detection for each of the texts, which stands in each of its fields. */
export const hostile = (): readonly DetectionAsOf[] =>
  hostileTexts.map((text, at) => {
    const short = cut(text, 120)
    const label = short.replace(/\p{Cf}/gu, '')
    return detectionAsOf({
      id: `h-${at}`,
      detector: { name: cut(`D ${label}`, 120), version: cut(label, 60), knownError: text },
      kind: inTurn(kindsInTurn, at),
      title: at % 2 === 0 ? { und: text } : { fr: text, en: text },
      summary: `${short}\n\n${text}`,
      observed: { from: dayOf(at) },
      platforms: [cut(label, 60), 'X'],
      counts: {
        posts: { value: 9_007_199_254 - at, qualifier: 'at least' },
        accounts: 12_345_678,
        byInterval: [{ from: `${dayOf(at)}T03:00:00Z`, minutes: 10, posts: 9_007_199_254 - at }],
      },
      timeZoneUnknown: true,
      supposedOrigin: {
        ...{ zone: 'Asia/Baku', place: cut(label, 60), by: label, reason: label },
        holidays: { calendar: label, days: [{ day: dayOf(at), name: label }] },
      },
      campaign: label,
      actor: { name: label, attributedBy: label, likelihood: 'very likely', confidence: 'low' },
      techniques: [
        { id: 'T0049.001' },
        { id: cut(label, 32), name: label },
        { id: 'T1059', framework: label, name: label },
      ],
      narratives: [{ und: text }],
      hashtags: [`#${cut(label, 100)}`],
      indicators: [
        { type: 'other', value: cut(text.replace(/\p{Cf}/gu, ''), 4000) },
        { type: 'url', value: `https://evil.example/${encodeURIComponent(short)}` },
      ],
      observedEffect: { state: 'observed', text },
      evidence: [{ label: text, url: `https://evil.example/${at}`, archiveUrl: `sha256:${'4f0c19'.repeat(10)}` }],
      reliability: 'A',
      credibility: 2,
      marking: 'TLP:AMBER',
      breakout: { category: 2, evidence: text },
      criteria: [{ criterion: 'foreign-actor', state: 'supported', evidence: text }],
    })
  })

/** A report that says every hostile text. */
export const hostileReport = (): Report => reportOn(hostile(), { cap: 'TLP:AMBER+STRICT' })
