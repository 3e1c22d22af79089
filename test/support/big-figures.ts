/**
 * A week of figures of up to twelve digits: own ones of each territory, joint ones of all, and earlier weeks that are
 * as large.
 */
import { territories } from '../../lambdas/domain/core/place/territory.ts'
import { type Period, daysOf } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'

const all = territories.map(({ code }) => code)
const titles = [
  { fr: 'Copier-coller accusant la gendarmerie', en: 'Copy-paste accusing the gendarmerie' },
  { fr: 'Partages coordonnés d’un article', en: 'Coordinated sharing of an article' },
  { fr: 'Vidéo détournée d’une manifestation', en: 'Diverted video of a demonstration' },
] as const

/** @param largest the largest figure of all */
export const bigWeek = (week: Period, largest: number): readonly DetectionInput[] => {
  const days = daysOf(week)
  const before = (day: string, weeks: number) =>
    new Date(Date.parse(day) - weeks * 7 * 86_400_000).toISOString().slice(0, 10)
  const counts = (value: number) => ({
    posts: value,
    reposts: { value: value - 1, qualifier: 'at least' as const },
    videos: { value: Math.ceil(value / 3), qualifier: 'about' as const },
    views: value,
    accounts: Math.ceil(value / 7),
    coordinatedAccounts: Math.ceil(value / 9),
  })
  const common: Omit<DetectionInput, 'id' | 'title' | 'territories' | 'observed'> = {
    detector: { name: 'D3lta', expectedRhythm: 'PT6H', territories: [...all] },
    kind: 'copy-paste',
    platforms: ['Facebook', 'Telegram'],
    hashtags: ['#VieChere'],
    languages: ['fr'],
    marking: 'TLP:GREEN',
  }
  const joint: DetectionInput = {
    ...common,
    ...{ id: 'joint-1', title: titles[1], territories: [...all], campaign: 'Opération Aubépine' },
    ...{ observed: { from: days[6] ?? '' }, counts: counts(Math.ceil(largest / 10)) },
  }
  const own = all.flatMap((code, at): readonly DetectionInput[] => [
    {
      ...common,
      ...{ id: `own-${code}-1`, title: titles[0], territories: [code], campaign: 'Opération Aubépine' },
      ...{ observed: { from: days[at % 7] ?? '' }, counts: counts(largest - at) },
      observedEffect: { state: 'observed', degree: 'media', source: 'VIGINUM' },
    },
    ...[1, 2, 3, 4, 5].map((weeks): DetectionInput => ({
      ...common,
      ...{ id: `own-${code}-before-${weeks}`, title: titles[2], territories: [code], campaign: 'Opération Aubépine' },
      ...{ observed: { from: before(days[at % 7] ?? '', weeks) }, counts: counts(Math.ceil(largest / (weeks + 1))) },
    })),
  ])
  // One territory whose own figures have as many digits as those of all.
  const twelve = Array.from({ length: 12 }, (_, at): DetectionInput => ({
    ...common,
    ...{ id: `more-${at}`, title: titles[2], territories: ['RE'] },
    ...{ observed: { from: days[at % 2] ?? '' }, counts: counts(largest - 20 - at) },
    hashtags: [`#Mot${at}`],
  }))
  return [joint, ...own, ...twelve]
}
