/** Decisions on versions in the room: flash notes approved or refused, versions mailed or recalled, held reports renewed. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { type Role, rightsOf } from '../../../lambdas/domain/access/roles.ts'
import type { FlashCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { editionOf } from '../../../lambdas/domain/report/manifest.ts'
import { recallVersion } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { approveFlash } from '../../../lambdas/usecases/reports/flash/approve-flash.ts'
import { flashAsked } from '../../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { historyFor } from '../../../lambdas/usecases/todo/history.ts'
import { input } from '../../support/detections.ts'
import { feedIn } from '../../support/feeds.ts'
import { recipient } from '../../support/recipients.ts'
import { roomOn } from '../../support/room-on.ts'
import { hostile, openRoom, type Room } from '../../support/room.ts'
import { ingestInto, reportFrom } from '../../support/services.ts'

let room: Room
const ids = ['one', 'two', 'four', 'five', 'six', 'seven'] as const
const notes = new Map<string, FlashCode>()

beforeAll(async () => {
  room = await openRoom({}, { signsIn: true })
  const { services } = room.opened
  const both: Partial<Caller> = { clearance: 'TLP:AMBER', territories: ['NC', 'PF'] }
  await services.recipients.replace(recipient('both@example.org', { ...both, name: hostile }))
  await services.recipients.replace(recipient('half@example.org', { ...both, territories: ['NC'] }))
  const shown = { territories: ['NC', 'PF'], marking: 'TLP:AMBER' as const }
  await ingestInto(
    room.opened,
    ids.map((id) => input({ ...shown, id: `zq/${id}`, title: { en: `zq${id}` } })),
  )
  for (const id of ids) {
    const request = await flashAsked([`zq/${id}`], { cap: 'TLP:AMBER' }, services)
    await generateReport(request, services)
    notes.set(id, request.territory as FlashCode)
  }
})
afterAll(() => room.close())

const inRole = (role: Role, name: string, changes: Partial<Caller> = {}): Partial<Caller> => ({
  who: `${name}@example.org`,
  ...{ roles: [role], scopes: [...rightsOf([role])], clearance: 'TLP:AMBER', territories: ['NC', 'PF'] },
  ...changes,
})
const [paul, vera] = [inRole('approver', 'paul'), inRole('approver', 'vera')]
const plain = (text: string) =>
  text
    .replaceAll(/[\u00a0\u202f]/g, ' ')
    .replaceAll('&#x3D;', '=')
    .replaceAll('&amp;', '&')
const page = async (path: string, language = 'en') => {
  const { status, text } = await room.page(path, language)
  return { status, text: plain(text) }
}
let minutes = 0
const post = async (path: string, form: Readonly<Record<string, string>>) => {
  minutes += 1
  room.opened.at(new Date(Date.UTC(2024, 4, 21, 1, minutes)).toISOString())
  const { text, ...answer } = await room.send(path, form)
  return { ...answer, text: plain(text) }
}
const versionsOf = (territory: Parameters<typeof editionOf>[0]['territory']) =>
  room.opened.services.reports.versions({ territory, period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
const noteOf = (id: (typeof ids)[number]): FlashCode => {
  const code = notes.get(id)
  if (!code) throw new Error(`no note was made of ${id}`)
  return code
}
const pathOf = (id: (typeof ids)[number]) => `/room/${noteOf(id)}/2024-W20/amber`
const entryOf = async (id: (typeof ids)[number]) => (await versionsOf(noteOf(id))).at(-1)
const mailed = async (territory: FlashCode) =>
  (await room.opened.services.deliveries.about(territory, '2024-W20', 'TLP:AMBER'))
    .filter(({ state }) => state === 'SENT')
    .map(({ version }) => version)
const actions = async (id: string) =>
  (await room.opened.services.history.list(200))
    .filter((one) => one.id.startsWith(id))
    .map(({ did, by, reason = '' }) => [did, by, reason])

describe('a flash note', () => {
  test('is listed for who reads both its territories, and linked to its decision for who may approve', async () => {
    const path = pathOf('one')
    const week = await page('/room')
    for (const id of ids) expect(week.text).toContain(`href="${pathOf(id)}#v1"`)
    const inbox = (await page('/room/inbox')).text
    for (const id of ids) expect(inbox).toContain(`href="${pathOf(id)}#v1"`)
    expect(inbox).not.toContain('zqone')
    const name = 'Flash note, New Caledonia and French Polynesia'
    expect((await page(`/room/archive?territory=${noteOf('one')}`)).text).toContain(`<bdi>${name}</bdi>`)
    const versions = (await page(path)).text
    expect(versions).toMatch(/waits for approval.*holds until/s)
    expect(versions).toContain(`href="${path}/1/decide"`)
    expect((await room.get(`${path}/1/files/report.en.html`)).status).toBe(302)
    for (const role of ['reader', 'analyst'] as const) {
      await room.as(inRole(role, 'ana'), async () => {
        expect((await page(path)).text).not.toMatch(/\/decide|\/recall/)
        expect((await page(`${path}/1/decide`)).status).toBe(403)
        expect((await post(`${path}/1/decide`, { do: 'approve', revision: 'waits' })).status).toBe(403)
        const { entries } = feedIn((await room.page('/room/feed.atom')).text)
        expect(entries.map(({ title }) => title).join()).toContain(name)
      })
    }
    expect(await entryOf('one')).not.toHaveProperty('approved')
  })

  test.each([
    ['one of its territories', { territories: ['NC'] }],
    ['a clearance below', { clearance: 'TLP:GREEN' }],
  ] as const)('is unknown on every page to an approver with %s', async (_, less) => {
    const [code, path, unknown] = [noteOf('one'), pathOf('one'), 'flash-nc-pf-0123456789ab']
    const bare = (text: string) => text.replaceAll(code, unknown).replaceAll(/value="[^"]{20,}"/g, '')
    await room.as({ ...paul, ...less } as Partial<Caller>, async () => {
      for (const one of ['/room', '/room/archive', '/room/feed.atom', '/room/inbox'])
        expect((await page(one)).text).not.toMatch(/flash-nc-pf-|[Ff]lash note|zqone/)
      for (const rest of [path, `${path}/1/decide`, `/room/archive?territory=${code}`]) {
        const [known, never] = [await page(rest), await page(rest.replace(code, unknown))]
        expect([rest, known.status, bare(known.text)]).toEqual([rest, never.status, bare(never.text)])
      }
      expect((await page(path)).status).toBe(404)
      expect((await room.get(`${path}/1/files/report.en.html`)).status).toBe(404)
      expect((await post(`${path}/1/decide`, { do: 'refuse', reason: 'no', revision: 'waits' })).status).toBe(404)
    })
    expect(await entryOf('one')).not.toHaveProperty('approved')
  })

  test('shows its recipients and its end first; then it is approved by name, mailed and recorded', async () => {
    const path = `${pathOf('one')}/1/decide`
    await room.as(paul, async () => {
      const seen = await page(path)
      expect(seen.status).toBe(200)
      expect(seen.text).toMatch(/waits for approval.*approved.*no recipient.*one recipient.*Holds until/s)
      expect(seen.text).toContain('&quot;&gt;&lt;script&gt;')
      expect(seen.text).not.toMatch(/<script>|half@example/)
      expect(seen.text).toContain('marked-amber')
      expect(seen.text).toContain('does not record who requested the note')
      const local = roomOn(room.opened.services, everything, room.opened.table)
      expect((await local(path)).text).toContain('There is no sign-in on this machine')
      expect((await post(path, { do: 'approve', revision: 'waits', token: 'x' })).status).toBe(403)
      const done = await post(path, { do: 'approve', revision: 'waits', reason: '' })
      expect([done.status, done.to]).toEqual([303, `${pathOf('one')}#v1`])
    })
    expect((await entryOf('one'))?.approved).toMatchObject({ by: 'paul@example.org' })
    expect(await mailed(noteOf('one'))).toEqual([1])
    expect(await actions(noteOf('one'))).toEqual([['approved', 'paul@example.org', '']])
    expect((await page('/room')).text).not.toContain(noteOf('one'))
  })

  test('once approved is mailed to later recipients, and to each once', async () => {
    const later = recipient('later@example.org', { clearance: 'TLP:AMBER', territories: ['NC', 'PF'] })
    await room.opened.services.recipients.replace(later)
    const path = `${pathOf('one')}/1/decide`
    await room.as(vera, async () => {
      expect((await page(path)).text).toMatch(
        /approved by paul@example.org.*one recipient.*2 recipients.*later@example/s,
      )
      // The form of before.
      expect((await post(path, { do: 'refuse', reason: 'no', revision: 'waits' })).status).toBe(409)
      for (const _ of [1, 2]) expect((await post(path, { do: 'mail', revision: 'approved' })).status).toBe(303)
      expect(await mailed(noteOf('one'))).toEqual([1, 1])
      expect((await page(path)).text).toContain('Each of its recipients has had it')
    })
    expect((await entryOf('one'))?.approved?.by).toBe('paul@example.org')
    expect(await entryOf('one')).not.toHaveProperty('recalled')
  })

  test('stays approved where its mails cannot leave, and is mailed by the next press', async () => {
    const path = `${pathOf('seven')}/1/decide`
    await rename(room.outbox, `${room.outbox}.away`)
    await writeFile(room.outbox, 'no folder')
    const failed = await room.as(paul, async () => post(path, { do: 'approve', revision: 'waits', reason: 'read' }))
    await rm(room.outbox)
    await rename(`${room.outbox}.away`, room.outbox)
    expect([failed.status, failed.text]).toEqual([
      502,
      expect.stringMatching(/not every mail could leave.*Mail it to recipients who/s),
    ])
    expect(room.logged.at(-1)).toMatchObject({ what: 'flash note not mailed', facts: { note: noteOf('seven') } })
    expect((await entryOf('seven'))?.approved?.by).toBe('paul@example.org')
    expect(await mailed(noteOf('seven'))).toEqual([])
    minutes += 10
    await room.as(paul, async () => expect((await post(path, { do: 'mail', revision: 'approved' })).status).toBe(303))
    expect(await mailed(noteOf('seven'))).toEqual([1, 1])
    expect(await actions(noteOf('seven'))).toEqual([['approved', 'paul@example.org', 'read']])
  })

  test('is refused with a reason, then shows nothing, and is mailed to no recipient', async () => {
    const path = `${pathOf('two')}/1/decide`
    await room.as(paul, async () => {
      const missing = await post(path, { do: 'refuse', reason: ' ', revision: 'waits' })
      expect([missing.status, missing.text]).toEqual([422, expect.stringContaining('Write why')])
      expect((await post(path, { do: 'refuse', reason: hostile, revision: 'waits' })).status).toBe(303)
      expect((await page(path)).text).toContain('Nothing is to be decided here any more')
      const { text } = await page(pathOf('two'))
      expect(text).toContain('Reason: refused by paul@example.org: ')
      expect((await page(pathOf('two'), 'fr')).text).toContain('Motif : refusée par paul@example.org : ')
      expect(text).not.toMatch(/<script>|report\.en\.html/)
      expect((await page('/room/history')).text).toContain('flash note refused')
    })
    expect(await mailed(noteOf('two'))).toEqual([])
    expect(await actions(noteOf('two'))).toEqual([['refused', 'paul@example.org', hostile]])
  })

  test('an approval of what was seen before a recall does not undo it', async () => {
    const { services } = room.opened
    const seen = await entryOf('four')
    if (!seen) throw new Error('no version')
    await recallVersion({ edition: editionOf(seen), version: 1, reason: 'wrong', by: 'A. Roy' }, services)
    const approved = { at: 'x', by: 'late' }
    expect(await services.reports.decide(seen, { approved }, { ...approved, did: 'approved' })).toBe(false)
    expect((await entryOf('four'))?.recalled?.reason).toBe('wrong')
  })

  test('is not approved while a later version is held', async () => {
    const seen = await entryOf('five')
    if (!seen?.published) throw new Error('no version')
    const { published, ...rest } = seen
    const held = { state: 'held', held: published, reason: 'report.fr.pdf: 2 pages' } as const
    await room.opened.services.reports.claim({ ...rest, version: 2, ...held })
    const path = `${pathOf('five')}/1/decide`
    await room.as(paul, async () => {
      const { text } = await page(path)
      expect(text).toMatch(/Version 2 of this note is held.*2 pages/s)
      expect(text).not.toContain('value="approve"')
      expect((await post(path, { do: 'approve', revision: 'waits' })).status).toBe(409)
      await expect(approveFlash({ key: noteOf('five'), by: 'x' }, room.opened.services)).rejects.toThrow(/v2 is held/)
      expect((await post(path, { do: 'refuse', reason: 'held', revision: 'waits' })).status).toBe(303)
    })
    expect(await mailed(noteOf('five'))).toEqual([])
  })

  test('holds no more once it has expired', async () => {
    room.opened.at('2024-06-20T00:00:00.000Z')
    await room.as(paul, async () => {
      const { text } = await page(pathOf('six'))
      expect(text).toContain('expired since')
      expect(text).not.toContain('/decide')
      expect((await page(`${pathOf('six')}/1/decide`)).status).toBe(404)
    })
  })

  test('with two pending editions is counted once, with a link to both', async () => {
    room.opened.at('2024-05-21T01:50:00.000Z')
    const { services } = room.opened
    expect((await page('/room/inbox')).text).toContain(`href="${pathOf('six')}#v1"`)
    await generateReport(await flashAsked(['zq/six'], { cap: 'TLP:AMBER+STRICT' }, services), services)
    const { text } = await page('/room')
    expect(text).toContain('A flash note to approve')
    for (const cap of ['amber', 'amber-strict'])
      expect(text).toContain(`href="/room/${noteOf('six')}/2024-W20/${cap}#v1"`)
  })
})

test('a current version is mailed by who may request reports, once for each press', async () => {
  const path = '/room/NC/2024-W20/amber'
  await room.as(inRole('reader', 'rea'), async () => {
    expect((await page(path)).text).not.toContain('/mail"')
    expect((await post(`${path}/2/mail`, {})).status).toBe(403)
  })
  await room.as(inRole('analyst', 'ana'), async () => {
    const { text } = await page(path)
    expect(text).toMatch(/Mails this version to (its one recipient|those of its)/)
    const key = /name="key" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const before = room.queue.length
    const first = await post(`${path}/2/mail`, { key })
    expect([first.status, first.to]).toEqual([303, expect.stringMatching(/^\/room\/jobs\/[0-9a-f-]{36}$/)])
    expect((await post(`${path}/2/mail`, { key })).to).toBe(first.to)
    const request = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', deliver: 'everybody' }
    for (const one of room.queue.slice(before)) expect(one).toMatchObject(request)
    expect(room.queue.length).toBeGreaterThan(before)
    room.queue.splice(before)
    for (const other of ['/1/mail', '/2/renew']) expect((await post(path + other, {})).status).toBe(404)
  })
  await room.as(inRole('analyst', 'less', { clearance: 'TLP:GREEN' }), async () =>
    expect((await post(`${path}/2/mail`, {})).status).toBe(404),
  )
})

describe('recalling a version', () => {
  const path = '/room/NC/2024-W20/amber'

  test('is for approvers, who see first who had it and which version is current then', async () => {
    room.opened.at('2024-05-21T02:00:00.000Z')
    await room.as(inRole('analyst', 'ana'), async () => {
      expect((await page(path)).text).not.toContain('/recall')
      expect((await page(`${path}/1/recall`)).status).toBe(403)
    })
    for (const less of [{ territories: ['PF'] }, { clearance: 'TLP:GREEN' }] as const) {
      await room.as({ ...paul, ...less } as Partial<Caller>, async () =>
        expect((await page(`${path}/1/recall`)).status).toBe(404),
      )
    }
    await room.as(paul, async () => {
      expect((await page(path)).text).toContain(`href="${path}/2/recall"`)
      const first = await page(`${path}/1/recall`)
      expect(first.text).toMatch(/The current version.*Version 2.*Version 2.*mailed to one recipient.*prefet@example/s)
      const newest = await page(`${path}/2/recall`)
      expect(newest.text).toMatch(/The current version.*Version 2.*Version 1.*It was not mailed/s)
      expect((await page(`${path}/3/recall`)).status).toBe(404)
      expect((await page(`${path}/1/recall`, 'fr')).text).toMatch(/envoyée à un destinataire.*Rappeler la version 1/s)
    })
    // An approver who sees no mail sees how many recipients had it.
    await room.as({ ...paul, scopes: ['reports:read', 'reports:recall'] }, async () => {
      const { text } = await page(`${path}/1/recall`)
      expect(text).toContain('one more recipient')
      expect(text).not.toContain('prefet@example')
    })
  })

  test('takes a reason; then no figure shows, no file opens, and another version is current', async () => {
    await room.as(paul, async () => {
      expect((await post(`${path}/2/recall`, { do: 'do', reason: '' })).status).toBe(422)
      expect((await post(`${path}/2/recall`, { do: 'do', reason: 'x', token: 'no' })).status).toBe(403)
      const done = await post(`${path}/2/recall`, { do: 'do', reason: `wrong ${hostile}` })
      expect([done.status, done.to]).toEqual([303, `${path}#v2`])
      const { text } = await page(path)
      expect(text).toContain('wrong &quot;&gt;&lt;script&gt;')
      expect(text).not.toContain('<script>')
      expect((await room.get(`${path}/2/files/report.en.html`)).status).toBe(404)
      expect((await room.get(`${path}/1/files/report.en.html`)).status).toBe(302)
      expect((await page('/room/history')).text).toMatch(/version recalled.*NC\/2024-W20\/amber\/v0002/s)
      expect((await post(`${path}/2/recall`, { do: 'do', reason: 'again' })).status).toBe(409)
    })
    expect(await actions('NC/2024-W20/amber')).toEqual([['recalled', 'paul@example.org', `wrong ${hostile}`]])
  })

  test('is in the history of who may read the edition alone', async () => {
    const of = async (changes: Partial<Caller>) => {
      const ceiling = { ...everything, ...changes }
      const done = await historyFor(ceiling, { most: 200, sender: 'nobody' }, room.opened.services)
      return done.filter(({ of: kind, id }) => kind === 'report' && id.startsWith('NC/')).length
    }
    expect(await of({ clearance: 'TLP:AMBER', territories: ['NC'] })).toBe(1)
    expect(await of({ clearance: 'TLP:GREEN', territories: ['NC'] })).toBe(0)
    expect(await of({ clearance: 'TLP:AMBER', territories: ['PF'] })).toBe(0)
  })

  test('informs those who received it by mail', async () => {
    const informed = async () => {
      const about = await room.opened.services.deliveries.about('NC', '2024-W20', 'TLP:AMBER')
      return about.map(({ version, recallMailedAt }) => [version, recallMailedAt !== undefined])
    }
    expect(await informed()).toEqual([[1, false]])
    await room.as(paul, () => post(`${path}/1/recall`, { do: 'do', reason: 'wrong' }))
    expect(await informed()).toEqual([[1, true]])
  })
})

describe('a held report', () => {
  const path = '/room/PF/2024-W20/amber'
  const renewIn = (text: string) => /name="key" value="([^"]+)"/.exec(text)?.[1] ?? ''
  const hold = async (version: number) => {
    const [seen] = await versionsOf('PF')
    if (!seen?.published) throw new Error('no version')
    const { published, recalled: _, ...rest } = seen
    await room.opened.services.reports.claim({
      ...{ ...rest, version, state: 'held', held: published, reason: `report.fr.pdf: ${hostile}` },
    })
  }

  test('shows why, and is made again once, mailed only where that is ticked', async () => {
    room.opened.at('2024-05-21T03:00:00.000Z')
    await hold(2)
    await room.as(inRole('reader', 'rea'), async () => {
      expect((await page(path)).text).not.toContain('/renew')
      expect((await post(`${path}/2/renew`, {})).status).toBe(403)
    })
    await room.as(inRole('analyst', 'ana'), async () => {
      const { text } = await page(path)
      expect(text).toMatch(/failed the checks.*&lt;script&gt;.*Make the report again/s)
      expect(text).not.toContain('<script>')
      expect(text).toContain('mail it to its')
      const key = renewIn(text)
      const first = await post(`${path}/2/renew`, { key })
      expect([first.status, first.to]).toEqual([303, expect.stringMatching(/^\/room\/jobs\/[0-9a-f-]{36}$/)])
      expect((await post(`${path}/2/renew`, { key })).to).toBe(first.to)
      expect(new Set(room.queue.map((one) => 'job' in one && one.job)).size).toBe(1)
      expect(room.queue[0]).toMatchObject({ territory: 'PF', period: '2024-W20', cap: 'TLP:AMBER', deliver: 'nobody' })
      expect((await page(first.to)).status).toBe(200)
      const mailing = await post(`${path}/2/renew`, { key, mail: 'yes' })
      expect(mailing.status).toBe(303)
      expect(room.queue.at(-1)).toMatchObject({ deliver: 'everybody' })
      expect((await post(`${path}/1/renew`, {})).status).toBe(404)
      await room.work()
      // After a published version nothing is to be made again.
      expect((await page(path)).text).not.toContain('/renew')
      expect((await post(`${path}/2/renew`, {})).status).toBe(404)
    })
    expect((await versionsOf('PF')).at(-1)).toMatchObject({ version: 3, state: 'published' })
  })

  test('is not for who may not read the edition, nor for too large a period', async () => {
    await hold(4)
    for (const less of [{ territories: ['NC'] }, { clearance: 'TLP:GREEN' }] as const)
      await room.as(inRole('analyst', 'ana', less as Partial<Caller>), async () =>
        expect((await post(`${path}/4/renew`, {})).status).toBe(404),
      )
    const counted = vi.spyOn(room.opened.services.detections, 'count').mockResolvedValue(2_000_000)
    const large = await room.as(inRole('analyst', 'ana'), () => post(`${path}/4/renew`, {}))
    counted.mockRestore()
    expect([large.status, large.text]).toEqual([422, expect.stringContaining('more than the 1,500,000')])
  })
})

test('a recall states first that an earlier version has the same figures, and recalls all of them', async () => {
  const { services } = room.opened
  for (const [at, en] of ['First', 'Second'].entries()) {
    room.opened.at(`2024-05-22T0${at + 1}:00:00.000Z`)
    const seen = { observed: { from: '2024-05-08' }, territories: ['PF'], counts: { posts: 12 } }
    await ingestInto(room.opened, [input({ ...seen, id: 'zq/pf', title: { en } })])
    room.opened.at(`2024-05-22T0${at + 1}:30:00.000Z`)
    await reportFrom(room.opened, 'PF', '2024-W19', { cap: 'TLP:AMBER' })
  }
  const ofPf = '/room/PF/2024-W19/amber/2/recall'
  await room.as(paul, async () => {
    expect((await page(ofPf)).text).toMatch(/Version 1 has the same figures.*Correct, then reissue.*Recall all 2/s)
    const first = await post(ofPf, { do: 'correct', reason: 'wrong' })
    expect([first.status, first.to]).toEqual([303, '/room/detections?territory=PF&period=2024-W19'])
    expect((await post(ofPf, { do: 'all', reason: 'wrong', shown: '2' })).status).toBe(409)
    expect((await post(ofPf, { do: 'all', reason: 'wrong', shown: '2,1' })).status).toBe(303)
  })
  const edition = { territory: 'PF', period: parsePeriod('2024-W19'), cap: 'TLP:AMBER' } as const
  const versions = await services.reports.versions(edition)
  expect(versions.map(({ recalled }) => recalled?.reason)).toEqual(['wrong', 'wrong'])
})
