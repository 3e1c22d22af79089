/**
 * Two analysts do one thing at one moment, in every action of the room that decides: one of them succeeds, it is written
 * once to the history, and the other one learns who acted first.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FlashCode } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { flashAsked } from '../../../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { detection, input } from '../../../support/detections.ts'
import { formToken, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
  room.opened.at('2024-05-22T00:00:00.000Z')
})
afterAll(() => room.close())

const services = () => room.opened.services
const take = (...said: Parameters<typeof input>) =>
  ingestInto(room.opened, [input({ marking: 'TLP:GREEN', ...said[0] })])
const addressOf = (id: string) => `/room/detections/${encodeURIComponent(id)}`
const stored = async (id: string) => {
  const found = (await services().detections.stored([id])).get(id)
  if (!found) throw new Error(`${id} is not stored`)
  return found
}

type Form = Readonly<Record<string, string>>

/** What a page's last form holds unseen, as a browser sends it. */
const hiddenIn = (text: string): Form =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('&#x3D;', '=').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
    ]),
  )

type Action = {
  /** The form of each. */
  readonly does: readonly [Form, Form]
  /** Stores what is decided; returns the page, and its id in the history. */
  readonly prepare: (
    at: string,
  ) => Promise<{ readonly path: string; readonly id: string; readonly also?: Form; readonly other?: string }>
  /** Checks what is stored, by the form of the first one. */
  readonly check?: (id: string, done: Form) => Promise<void>
}

const contested = async (at: string) => {
  const id = `contested-${at}`
  await take({ id, counts: { posts: 1 } })
  await take({ id, detector: 'Other', counts: { posts: 2 } })
  const [record] = await Array.fromAsync(services().detections.contested(id))
  return { path: `${addressOf(id)}/contested/${record?.sha256}`, id }
}
const lowered = async (at: string) => {
  const id = `lowered-${at}`
  await take({ id, marking: 'TLP:AMBER' })
  const asked = { marking: 'TLP:CLEAR', by: 'Paul', reason: 'published', do: 'do' }
  const { text } = await room.page(`${addressOf(id)}/correct`)
  await room.send(`${addressOf(id)}/correct`, { ...hiddenIn(text), ...asked })
  const [record] = await Array.fromAsync(services().detections.contested(id))
  return { path: `${addressOf(id)}/lower/${record?.sha256}`, id }
}
const edited =
  (what: string, form: Form, said: Parameters<typeof input>[0] = {}) =>
  async (at: string) => {
    const id = `${what}-${at}`
    await take({ id, ...said })
    return { path: `${addressOf(id)}/${what}`, id, also: form }
  }
const flash = async (at: string) => {
  const id = `flash-${at}`
  await take({ id, marking: 'TLP:AMBER' })
  const request = await flashAsked([id], { cap: 'TLP:AMBER' }, services())
  await generateReport(request, services())
  const code = request.territory as FlashCode
  return { path: `/room/${code}/2024-W20/amber/1/decide`, id: `${code}/2024-W20/amber/v0001` }
}
let weeks = 20
const recalled = async () => {
  weeks += 1
  const week = `2023-W${weeks}`
  await generateReport({ territory: 'WF', period: parsePeriod(week), cap: 'TLP:AMBER' }, services())
  return { path: `/room/WF/${week}/amber/1/recall`, id: `WF/${week}/amber/v0001` }
}
const noted = async () => {
  weeks += 1
  const week = `2023-W${weeks}`
  const note = { territory: 'PM', period: week, author: 'Nora', role: 'analyst', language: 'fr', marking: 'TLP:GREEN' }
  await services().notes.add({ ...note, text: 'x', approves: false, writtenAt: '2024-05-20T00:00:00.000Z' } as never)
  const { text } = await room.page(`/room/notes?territory=PM&period=${week}`)
  const [, path = ''] = /href="([^"]*\/room\/notes\/approve[^"]*)"/.exec(text) ?? []
  return { path: path.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='), id: `PM/${week}` }
}
const candidate = async (at: string) => {
  const id = `vigie-${at}`
  const one = detection({ id, marking: 'TLP:AMBER', kind: 'coordinated-sharing', counts: { posts: 12, accounts: 7 } })
  const strength = { evidence: 140, threshold: 90, pushes: 12, isSourceKnown: false }
  await services().candidates.save({ detection: one, members: [id], strength, shared: [] } as never, services().clock())
  return { path: `/room/candidates/${id}`, id }
}
const rejected = async (at: string) => {
  await ingestInto(room.opened, `title;date\n${at};yesterday\n`)
  const open = await Array.fromAsync(services().rejects.open())
  const id = open.find(({ raw }) => raw.includes(at))?.rejectId ?? ''
  return { path: `/room/inbox/rejects/${id}`, id }
}
let subjects = 0
const paused = async () => {
  const subject = ['YT', 'TF', 'BL', 'MF', 'GF', 'RE'][subjects++ % 6]
  return { path: `/room/schedules/${subject}/week`, id: `${subject}/week` }
}

/** A signed candidate is one batch, a refused one none, and no batch is undone. */
const intakesAre = async (id: string, form: Form) => {
  const all = await services().batches.list()
  const own = all.filter(({ file }) => file.startsWith(`candidate ${id},`))
  expect(own.map(({ undoneAt }) => undoneAt)).toEqual(form.do === 'sign' ? [undefined] : [])
}
const postsAre = (one: number, other: number) => async (id: string, done: Form) =>
  expect((await (await stored(id)).body()).counts.posts?.value).toBe(done.do === 'refuse' ? one : other)
const formOf = (what: 'correct' | 'withdraw' | 'reply'): Form => ({
  do: 'do',
  ...(what === 'correct' && { 'counts.posts': '60' }),
  ...(what === 'reply' && {
    'reply.by': 'Russia',
    'reply.text.fr': 'Non.',
    'reply.date': '2024-05-20',
    'reply.source': 'Site',
  }),
})
const [confirm, refuse, done] = [{ do: 'confirm' }, { do: 'refuse' }, { do: 'do' }]
const markingIs = async (id: string, form: Form) =>
  expect((await stored(id)).marking).toBe(form.do === 'refuse' ? 'TLP:AMBER' : 'TLP:CLEAR')

const actions: Readonly<Record<string, Action>> = {
  'accept and refuse a contested record': { does: [confirm, refuse], prepare: contested, check: postsAre(1, 2) },
  'refuse and accept a contested record': { does: [refuse, confirm], prepare: contested, check: postsAre(1, 2) },
  'accept a contested record twice': { does: [confirm, confirm], prepare: contested, check: postsAre(1, 2) },
  'refuse a contested record twice': { does: [refuse, refuse], prepare: contested, check: postsAre(1, 2) },
  'confirm a lower marking twice': { does: [confirm, confirm], prepare: lowered, check: markingIs },
  'confirm and refuse a lower marking': { does: [confirm, refuse], prepare: lowered, check: markingIs },
  'refuse and confirm a lower marking': { does: [refuse, confirm], prepare: lowered, check: markingIs },
  'place a detection': {
    does: [
      { ...done, territories: 'MQ' },
      { ...done, territories: 'GP' },
    ],
    prepare: edited('place', {}, { territories: [] }),
    check: async (id, { territories }) =>
      expect((await stored(id)).territories.map(({ code }) => code)).toEqual([territories]),
  },
  'correct a detection': {
    does: [
      { ...done, 'counts.posts': '60' },
      { ...done, 'counts.posts': '70' },
    ],
    prepare: edited('correct', {}),
  },
  'withdraw a detection': { does: [done, done], prepare: edited('withdraw', {}) },
  ...Object.fromEntries(
    (
      [
        ['correct', 'withdraw'],
        ['withdraw', 'correct'],
        ['withdraw', 'reply'],
        ['reply', 'withdraw'],
      ] as const
    ).map(([one, other], of) => [
      `${one} and ${other} a detection`,
      {
        does: [formOf(one), formOf(other)] as const,
        prepare: async (at: string) => {
          const id = `mixed-${of}-${at}`
          await take({ id, actor: { name: 'Russia', attributedBy: 'EEAS' } })
          return { id, path: `${addressOf(id)}/${one}`, other: `${addressOf(id)}/${other}` }
        },
      },
    ]),
  ),
  'sign a candidate twice': { does: [{ do: 'sign' }, { do: 'sign' }], prepare: candidate, check: intakesAre },
  'sign and refuse a candidate': { does: [{ do: 'sign' }, refuse], prepare: candidate, check: intakesAre },
  'refuse a candidate twice': { does: [refuse, refuse], prepare: candidate },
  'approve a note': { does: [done, done], prepare: noted },
  'approve a flash note twice': { does: [{ do: 'approve' }, { do: 'approve' }], prepare: flash },
  'approve and refuse a flash note': { does: [{ do: 'approve' }, refuse], prepare: flash },
  'refuse and approve a flash note': { does: [refuse, { do: 'approve' }], prepare: flash },
  'recall a version': { does: [done, done], prepare: recalled },
  'drop a reject': { does: [done, done], prepare: rejected },
  'pause a schedule': {
    does: [
      { ...done, until: '2024-06-10' },
      { ...done, until: '2024-06-20' },
    ],
    prepare: paused,
  },
}

const people = ['Quentin', 'Rita'] as const

describe('of two who at one moment', () => {
  test.each(Object.entries(actions))('%s, one does', async (name, { does, prepare, check }) => {
    for (const after of [0, 1, 3]) {
      const { path, id, also = {}, other = path } = await prepare(`${Object.keys(actions).indexOf(name)}-${after}`)
      const paths = [path, other] as const
      const seen = await Promise.all(paths.map((one) => room.page(one)))
      expect([name, ...seen.map(({ status }) => status)]).toEqual([name, 200, 200])
      const send = async (at: 0 | 1) => {
        const form = { by: people[at], reason: `as ${people[at]} sees it`, ...also, ...does[at] }
        return room.send(paths[at], { ...hiddenIn(seen[at]?.text ?? ''), ...form, token: formToken })
      }
      const later = async () => {
        for (let turn = 0; turn < after * 5; turn += 1) await new Promise((next) => setImmediate(next))
        return send(1)
      }
      const answers = await Promise.all([send(0), later()])
      const statuses = answers.map(({ status }) => status)
      expect([name, statuses.toSorted()]).toEqual([name, [303, 409]])
      const first = statuses[0] === 303 ? 0 : 1
      const lost = answers[1 - first]?.text ?? ''
      expect([name, lost.replaceAll(/<[^>]+>/g, '')]).toEqual([name, expect.stringContaining(people[first])])
      const entries = (await services().history.list(100)).filter(
        (one) => one.id === id && !['asked', 'written'].includes(one.did),
      )
      expect(entries.map(({ by }) => by)).toEqual([people[first]])
      await check?.(id, does[first])
    }
  })
})

test('of two who undo one batch at one moment one does, and the other learns who acted first', async () => {
  const tally = await ingestInto(room.opened, [input({ id: 'undone-at-once', marking: 'TLP:GREEN' })])
  const path = `/room/batches/${tally.batches[0]?.batch}`
  const { text } = await room.page(path)
  const answers = await Promise.all(
    people.map((by) => room.send(path, { ...hiddenIn(text), by, reason: 'x', do: 'undo', token: formToken })),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
  const first = answers.findIndex(({ status }) => status === 303)
  expect(answers[1 - first]?.text.replaceAll(/<[^>]+>/g, '')).toContain(`${people[first]} acted first`)
})
