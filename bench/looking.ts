/**
 * Lists, searches and explanations over 100,000 detections in a home: how long each takes.
 * `node bench/looking.ts [--days 92]`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { withContext } from '../bin/cli/home/context.ts'
import { everything } from '../lambdas/domain/access/caller.ts'
import { FaultError } from '../lambdas/domain/core/fault.ts'
import { territories } from '../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../lambdas/domain/core/time/period.ts'
import { type Detection, readDetection } from '../lambdas/domain/detection/detection.ts'
import { kinds } from '../lambdas/domain/detection/kinds.ts'
import { explainDetection } from '../lambdas/usecases/detections/explain-detection.ts'
import { countDetections, findDetections } from '../lambdas/usecases/detections/find-detections.ts'
import { searchDetections } from '../lambdas/usecases/detections/search-detections.ts'
import { showDetection } from '../lambdas/usecases/detections/show-detection.ts'
import { optionsOf } from '../tools/usage.ts'
import { type Figures, inThousands, machine, ms, show } from './figures.ts'

const { days: written = '366' } = optionsOf(
  'node bench/looking.ts\n  --days N   spread over so many days, 366 or fewer',
  {
    days: { type: 'string' },
    json: { type: 'boolean' },
  },
)
const days = Number(written)
const many = 100_000
const rounds = 40
const words = ['salve', 'messages', 'identiques', 'photo', 'détournée', 'élections', 'police', 'indépendance', 'vidéo']
const actors = ['Azerbaijan / Baku Initiative Group (BIG)', 'Russia', 'China', 'A group of its own', 'Türkiye']
const end = Date.parse('2024-12-30T12:00:00Z')

/** The one that a rare word finds is the oldest of the last 92 days. */
const detectionAt = (at: number): Detection => {
  const instant = new Date(end - Math.floor((at / many) * days) * 86_400_000 - (at % 1_000) * 1_000).toISOString()
  const title = [0, 1, 2, 3].map((shift) => words[(at * 7 + shift * 3 + (at >> 3)) % words.length]).join(' ')
  const read = readDetection({
    id: `burst-${at}`,
    detector: 'D3lta',
    kind: kinds[at % kinds.length],
    title: { fr: `${title} n° ${at}`, en: `Burst ${at}` },
    summary: { fr: `Des comptes publient le même texte : ${title}. `.repeat(3) },
    territories: [territories[at % territories.length]?.code],
    observed: { from: instant },
    platforms: ['X'],
    counts: { posts: at % 500, accounts: at % 40 },
    campaign: at % 10 === 0 ? `Campaign ${at % 700}` : undefined,
    hashtags: [`#tag${at % 97}`],
    actor: at % 3 === 0 ? { name: actors[at % actors.length], attributedBy: 'VIGINUM' } : undefined,
    marking: 'TLP:GREEN',
  })
  if ('refusal' in read) throw new FaultError(read.refusal)
  return read.detection
}

const home = await mkdtemp(join(tmpdir(), 'vigie-bench-looking-'))
try {
  const figures = await withContext({ home }, async ({ services }): Promise<Figures> => {
    for (let from = 0; from < many; from += 500) {
      const some = Array.from({ length: 500 }, (_, at) => detectionAt(from + at))
      await services.detections.saveAll(some, new Date('2024-12-31T00:00:00Z'))
    }
    const from = new Date(end - 91 * 86_400_000).toISOString().slice(0, 10)
    const asked = { limit: 50, days: { first: from, last: '2024-12-30' } }
    const quarter = Math.floor((many / days) * Math.min(91, days - 1))
    const times = async (name: string, work: (round: number) => Promise<unknown>): Promise<Figures> => {
      const all: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const start = performance.now()
        await work(round)
        all.push(performance.now() - start)
      }
      all.sort((a, b) => a - b)
      return { [name]: `median ${ms(all[rounds >> 1] ?? 0)}, p95 ${ms(all[Math.floor(rounds * 0.95)] ?? 0)}` }
    }
    const searching = (text: string) => () => searchDetections(text, asked, everything, services)
    const report = { territory: 'NC', period: parsePeriod('2024-W50') } as const
    return {
      ...machine(),
      load: loadavg()[0]?.toFixed(1) ?? '',
      detections: `${inThousands(many)} in ${days} days`,
      ...(await times('list, 50 of all', () => findDetections(asked, everything, services))),
      ...(await times('list, a kind in NC', () =>
        findDetections({ ...asked, kind: 'video', territory: 'NC' }, everything, services),
      )),
      ...(await times('one by its id', (round) => showDetection(`burst-${round * 99}`, everything, services))),
      ...(await times('search, a campaign over all time', searching('Campaign 0'))),
      ...(await times('search, a hashtag over all time', searching('#tag7'))),
      ...(await times('search, frequent words', searching('photo police'))),
      ...(await times('search, a rare word in 92 days', searching(String(quarter)))),
      ...(await times('search, a territory by name', searching('martinique'))),
      ...(await times('search, an actor by another name', searching('azerbaïdjan'))),
      ...(await times('search, a country that none names', searching('islande'))),
      ...(await times('search, nothing in 92 days', searching('nothing-says-it'))),
      ...(await times('counts in 92 days', () => countDetections(asked, everything, services))),
      ...(await times('explain, in a report', (round) =>
        explainDetection(`burst-${round}`, report, everything, services),
      )),
    }
  })
  show(figures)
} finally {
  await rm(home, { recursive: true, force: true })
}
