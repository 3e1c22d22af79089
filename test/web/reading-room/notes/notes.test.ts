/** Notes in the room: previewed as the report prints them, and approved by another user, who releases the report. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../../lambdas/domain/access/caller.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { mayApprove } from '../../../../lambdas/usecases/reports/notes/write-note.ts'
import { input } from '../../../support/detections.ts'
import { hostile, inRole, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({ noteBeforeDelivery: true })
  room.opened.at('2024-05-22T00:00:00.000Z')
})
afterAll(() => room.close())

const path = '/room/notes?territory=NC&period=2024-W20'
const page: Room['page'] = (...asked) => room.page(...asked)
const post: Room['send'] = (...sent) => room.send(...sent)
const about = async () => room.opened.services.notes.about('NC', '2024-W20')
const typed = {
  ...{ by: 'Claire', role: 'analyst', language: 'en', marking: 'TLP:AMBER', confidence: 'moderate' },
  ...{
    text: `Paid, **most likely**. https://bad.example ${hostile}\r\n\r\n- one`,
    likelihood: 'likely',
    of: 'It comes back',
  },
  ...{ unknown: 'who paid\r\nhow much', watch: 'the harbour', recommended: '', avoid: '' },
}
const approveIn = (text: string) =>
  /href="(\/room\/notes\/approve[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=') ?? ''

describe('writing', () => {
  test('shows the note as the report prints it, then stores it once', async () => {
    expect((await page(path)).text).toContain('No note approves its current version yet')
    const seen = await post(path, { ...typed, do: 'look' })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(/As the report prints it.*Claire.*<b>most likely<\/b>.*\[https\]:\/\/bad\[\.\]example/s)
    expect(seen.text).toMatch(/who paid.*how much.*the harbour/s)
    expect(seen.text).toContain('<svg')
    expect(seen.text).not.toContain('<script>')
    expect(seen.text).toContain('marked-amber')
    expect(await about()).toEqual([])
    for (const _ of [1, 2]) {
      const done = await post(path, { ...typed, do: 'do' })
      expect([done.status, done.to]).toEqual([303, '/room/notes?territory=NC&period=2024-W20'])
    }
    expect(await about()).toMatchObject([
      { author: 'Claire', approves: false, unknown: ['who paid', 'how much'], likelihood: { term: 'likely' } },
    ])
    const lines = await room.opened.services.history.list(100)
    expect(lines.filter(({ id }) => id === 'NC/2024-W20')).toHaveLength(1)
  })

  test('leads to the page that shows it, in the language and zone of the address', async () => {
    const other = '/room/notes?territory=NC&period=2024-W19'
    const form = { ...typed, text: 'A second view', do: 'do' }
    const done = await post(`${other}&lang=en&zone=Pacific%2FNoumea`, form)
    expect([done.status, done.to]).toEqual([303, `${other}&zone=Pacific%2FNoumea&lang=en`])
    expect(await page(done.to)).toMatchObject({ status: 200, text: expect.stringContaining('A second view') })
  })

  test.each([
    [{ text: '', likelihood: '', of: '', confidence: '', unknown: '', watch: '' }, /Write something/],
    [{ of: '' }, /Likelihood and what it is of go together/],
    [{ text: 'x'.repeat(20_001) }, /20,000/],
    [{ marking: 'TLP:BLACK' }, /Marking of the note/],
  ])('is refused with %j, and explains why', async (more, why) => {
    const { status, text } = await post(path, { ...typed, ...more, do: 'do' })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(text).toContain('role="alert"')
    expect(await about()).toHaveLength(1)
  })

  test('is for analysts, of their territories, up to their clearance', async () => {
    await room.as(inRole('analyst', { clearance: 'TLP:GREEN', territories: ['NC'] }), async () => {
      const { status, text } = await page(path)
      expect(status).toBe(200)
      expect(text).not.toMatch(/Claire|value="TLP:AMBER"|marked-amber/)
      expect((await post(path, { ...typed, do: 'do' })).status).toBe(422)
      expect((await page('/room/notes?territory=PF&period=2024-W20')).status).toBe(422)
      expect((await post('/room/notes?territory=PF&period=2024-W20', { ...typed, do: 'do' })).status).toBe(422)
    })
    await room.as(inRole('reader'), async () => expect((await page(path)).status).toBe(403))
    await room.as(inRole('approver'), async () => {
      expect((await page(path)).text).not.toContain('Write a note')
      expect((await post(path, { ...typed, do: 'do' })).status).toBe(403)
    })
    expect((await post(path, { ...typed, token: 'x', do: 'do' })).status).toBe(403)
    expect(await about()).toHaveLength(1)
  })
})

describe('approving', () => {
  test('is for approvers, but not for the signed-in author', async () => {
    const [note] = await about()
    if (!note) throw new Error('nothing was written')
    const approver = { ...inRole('approver'), clearance: 'TLP:RED', territories: ['NC'] } as Caller
    expect(mayApprove(approver, 'claire@example.org', { ...note, author: 'claire@example.org' })).toBe(false)
    expect(mayApprove(approver, 'paul@example.org', { ...note, author: 'claire@example.org' })).toBe(true)
    expect(mayApprove(approver, 'paul@example.org', { ...note, approves: true })).toBe(false)
    const address = approveIn((await page(path)).text)
    await room.as(inRole('analyst'), async () => {
      expect(approveIn((await page(path)).text)).toBe('')
      expect((await page(address)).status).toBe(403)
      expect((await post(address, { do: 'do', by: 'Claire', reason: 'mine' })).status).toBe(403)
    })
  })

  test('shows what it sends, then remakes the editions that wait for a note, and mails them', async () => {
    const waiting = async () => (await page('/room/inbox')).text.match(/New Caledonia, TLP:\w+ edition/g) ?? []
    const [amber, green] = ['New Caledonia, TLP:AMBER edition', 'New Caledonia, TLP:GREEN edition']
    // The report of the week before waits too.
    expect(await waiting()).toEqual([amber, green, amber])
    expect(await room.as(inRole('analyst', { territories: ['PF'] }), waiting)).toEqual([])
    const address = approveIn((await page(path)).text)
    const seen = await page(address)
    expect(seen.text).toMatch(/2 editions are made again with the notes.*TLP:GREEN and TLP:AMBER/s)
    expect(seen.text).toContain('There is no sign-in on this machine')
    expect((await post(address, { do: 'do', by: 'Paul' })).status).toBe(422)
    expect(await about()).toHaveLength(1)
    room.opened.at('2024-05-22T01:00:00.000Z')
    expect((await post(address, { do: 'do', by: 'Paul', reason: 'read and agreed' })).status).toBe(303)
    expect(await waiting()).toEqual([amber])
    expect(await about()).toMatchObject([
      {},
      { author: 'Paul', role: 'approver', approves: true, marking: 'TLP:AMBER' },
    ])
    expect(room.queue).toHaveLength(2)
    expect(JSON.stringify(room.queue)).toMatch(/everybody/)
    await room.work()
    const after = (await page(path)).text
    expect(after).toContain('A note approves it.')
    expect(after).toContain('Paul approves this report for delivery.')
    expect((await page(address)).status).toBe(404)
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    const versions = await room.opened.services.reports.versions(edition)
    expect(versions.at(-1)).toMatchObject({ version: 3, state: 'published' })
  })

  test('again is for later notes, and mails no report that does not wait', async () => {
    room.opened.at('2024-05-22T02:00:00.000Z')
    expect((await post(path, { ...typed, text: 'One thing more.', do: 'do' })).status).toBe(303)
    const written = (await page(path)).text
    expect(written).toContain('A note approves it.')
    const { text } = await page(approveIn(written.slice(written.indexOf('One thing more.'))))
    expect(text).toContain('No report waits for a note: nothing is mailed by this.')
  })

  test('is possible again where the report changed since, which is never mailed above AMBER+STRICT', async () => {
    const { opened, page, work } = room
    await ingestInto(opened, [input({ id: 'later', observed: { from: '2024-05-15' } })])
    opened.at('2024-05-22T03:00:00.000Z')
    for (const cap of ['TLP:AMBER', 'TLP:RED'] as const) {
      await generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap }, opened.services)
    }
    expect((await page('/room/inbox')).text).toMatch(/href="\/room\/NC\/2024-W20\/amber#v4">.*New Caledonia, TLP:AMBER/)
    const { text } = await page(path)
    expect(text).toContain('No note approves its current version yet')
    const address = approveIn(text)
    expect((await page(address)).text).toMatch(/One edition is made again.*: TLP:AMBER\./s)
    for (const status of [303, 409]) {
      expect((await post(address, { do: 'do', by: 'Paul', reason: 'read again' })).status).toBe(status)
    }
    await work()
    expect((await page(path)).text).toContain('A note approves it.')
  })

  test('and writing are in the history of who may know the note', async () => {
    const { text } = await page('/room/history')
    expect(text).toMatch(/Paul.*report approved.*read and agreed.*Claire.*note written/s)
    await room.as(inRole('analyst', { clearance: 'TLP:GREEN' }), async () =>
      expect((await page('/room/history')).text).not.toMatch(/read and agreed|note written/),
    )
    expect((await page('/room/NC/2024-W20/amber')).text).toContain('/room/notes?territory')
  })
})
