/** Every page of the room has the strictest marking of all that it names, and names nothing above its reader. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { fitsUnder, type Marking, markings, strictest } from '../../../../lambdas/domain/core/marking.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { correctDetection } from '../../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { decideWaiting, waitingRecordsFor } from '../../../../lambdas/usecases/ingest/edit/waiting-records.ts'
import { ndjson } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { inRole, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

let room: Room
const short = (marking: Marking): string => marking.slice('TLP:'.length)
/** Names that contain their own marking. */
const named = (what: string, marking: Marking): string => `zq${what}x${short(marking)}x`
const canary = /zq[a-z]+x(CLEAR|GREEN|AMBER|AMBER\+STRICT|RED)x/g

const detector = (what: string, marking: Marking) => ({ name: named(what, marking) })
const record = (id: string, marking: Marking, more: Partial<DetectionInput> = {}) =>
  input({
    ...{ id, marking, detector: detector('detector', marking), territories: ['NC'] },
    title: { en: named('title', marking), fr: named('title', marking) },
    counts: { posts: 100 },
    ...more,
  })

const some = ['TLP:GREEN', 'TLP:AMBER', 'TLP:RED'] as const

beforeAll(async () => {
  room = await openRoom()
  room.opened.at('2024-05-22T00:00:00.000Z')
  const take = (...records: DetectionInput[]) => ingestInto(room.opened, records)
  for (const current of some) {
    for (const sent of some) {
      const id = `pair-${short(current)}-${short(sent)}`
      await take(record(id, current))
      await take(record(id, sent, { detector: detector('other', sent), counts: { posts: 7 } }))
      await take(record(`whole-${id}`, current), record(`part-${id}`, sent, { partOf: `whole-${id}` }))
    }
    // Its detector declares that its name is stricter than what it found.
    await take(
      record(`quiet-${short(current)}`, 'TLP:GREEN', { detector: { name: named('quiet', current), marking: current } }),
    )
    await take(record(`lost-${short(current)}`, current, { territories: [] }))
  }
  // An analyst corrected it, and its detector contests that by a stricter record.
  await take(record('corrected', 'TLP:GREEN'))
  const sender = { name: 'this machine', byOperator: true, by: 'Ana', reason: 'counted' }
  const asked = { id: 'corrected', by: 'Ana', reason: 'counted', sender, pseudonym: (account: string) => account }
  await correctDetection({ ...asked, cells: { 'counts.posts': '90' } }, room.opened.services)
  await take(record('corrected', 'TLP:RED', { detector: detector('detector', 'TLP:GREEN'), counts: { posts: 150 } }))
  // A refusal is in the history.
  await take(record('refused', 'TLP:GREEN'))
  await take(record('refused', 'TLP:RED', { detector: detector('other', 'TLP:RED') }))
  const [waits] = await waitingRecordsFor(everything, room.opened.services, 'refused')
  if (!waits) throw new Error('nothing waits')
  await decideWaiting(waits, { as: 'refused', by: 'Ana', reason: named('reason', 'TLP:RED') }, room.opened.services)
})
afterAll(() => room.close())

const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:href|action)="(\/room[^"#]*)/g)].map(([, path = '']) =>
    path.replaceAll(/&(?:amp|#38|#x3D|#61);/g, (sign) => (/3D|61/.test(sign) ? '=' : '&')),
  )

/** Visits every page that links lead to, of each kind of address only some. */
const crawl = async (see: (path: string, text: string) => void): Promise<void> => {
  const due = ['/room', '/room/inbox', '/room/sources', '/room/detections?from=2024-05-01&to=2024-05-31']
  const seen = new Set<string>()
  for (let path = due.shift(); path !== undefined; path = due.shift()) {
    const plain = path.replace(/[?&](?:lang|zone|list)=[^&]*/g, '')
    if (/^\/room\/(?:archive|coverage|[A-Z]{2,3}\/|\?)/.test(plain) || plain.startsWith('/room?')) continue
    if (seen.has(plain) || /[?&](?:week|day|year|q)=|\.(?:atom|pdf|csv|json|html)|\/open\//.test(plain)) continue
    seen.add(plain)
    const { status, text } = await room.page(plain)
    if (status !== 200) continue
    see(plain, text)
    // The archive and the list by its facets are many of one kind.
    if (!/^\/room\/(?:archive|detections)\?/.test(plain)) due.push(...linksIn(text))
    else due.push(...linksIn(text).filter((one) => !one.includes('?')))
  }
}

const markingOf = (text: string): Marking | undefined =>
  markings.find((marking) => marking === /<header class="top">.*?<b [^>]*>([^<]*)<\/b>/.exec(text)?.[1])

const namedIn = (text: string): readonly Marking[] =>
  [...text.matchAll(canary)].map(([, marking = '']) => `TLP:${marking}` as Marking)

describe('a page', () => {
  test('has the strictest marking of what it names', async () => {
    const wrong: string[] = []
    let pages = 0
    await crawl((path, text) => {
      pages += 1
      const found = namedIn(text)
      if (found.length === 0) return
      const marking = markingOf(text)
      const due = strictest(found)
      if (!marking || !fitsUnder(due, marking)) wrong.push(`${path}: ${marking}, and names ${due}`)
    })
    expect(pages).toBeGreaterThan(60)
    expect(wrong).toEqual([])
  })

  test('of the inbox marks each item by the strictest of what it names', async () => {
    const { text } = await room.page('/room/inbox')
    const items = text.split(/<li\b/).filter((item) => item.includes('/contested/'))
    expect(items.length).toBeGreaterThan(5)
    for (const item of items) {
      const chip = markings.find((marking) => item.includes(`>${marking}<`))
      expect([item, chip && fitsUnder(strictest(namedIn(item)), chip)]).toEqual([item, true])
    }
  })

  test.each(['TLP:GREEN', 'TLP:AMBER'] as const)('shows a reader of %s nothing above that', async (clearance) => {
    await room.as(inRole('analyst', { clearance, territories: everything.territories }), async () => {
      const wrong: string[] = []
      await crawl((path, text) => {
        const above = namedIn(text).filter((marking) => !fitsUnder(marking, clearance))
        if (above.length > 0) wrong.push(`${path}: ${strictest(above)}`)
        const marking = markingOf(text)
        if (marking && !fitsUnder(marking, clearance)) wrong.push(`${path} is ${marking}`)
      })
      expect(wrong).toEqual([])
    })
  })

  test('of a file names the owner of a stricter id, under the marking of that', async () => {
    const file = new File(
      [ndjson(record('pair-RED-RED', 'TLP:GREEN', { detector: detector('mine', 'TLP:GREEN') }))],
      'a.ndjson',
    )
    const form = new FormData()
    form.set('token', 'the-token-of-this-process')
    form.set('file', file)
    const answer = await room.app.request('http://127.0.0.1/room/add', { method: 'POST', body: form })
    const { text } = await room.page(answer.headers.get('location') ?? '')
    expect(text).toContain(named('detector', 'TLP:RED'))
    expect(markingOf(text)).toBe('TLP:RED')
  })
})
