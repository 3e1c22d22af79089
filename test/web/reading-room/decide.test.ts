/** Deciding of versions in the room: a flash note approved or refused, a version recalled, a held report made again. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { recipient } from '../../support/recipients.ts'
import { formToken, hostile, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
/** Where nobody signs in. */
let laptop: Room
const ids = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] as const
const notes = new Map<string, FlashCode>()
const makeNote = async (opened: Room['opened'], id: string): Promise<FlashCode> => {
  const request = await flashAsked([id], { cap: 'TLP:AMBER' }, opened.services)
  await generateReport(request, opened.services)
  return request.territory as FlashCode
}
const withNotes = async (one: Room, some: readonly string[]): Promise<readonly FlashCode[]> => {
  await ingestInto(
    one.opened,
    some.map((id) =>
      input({ id: `zq/${id}`, territories: ['NC', 'PF'], marking: 'TLP:AMBER', title: { en: `zq${id}` } }),
    ),
  )
  const made: FlashCode[] = []
  for (const id of some) made.push(await makeNote(one.opened, `zq/${id}`))
  return made
}

beforeAll(async () => {
  ;[room, laptop] = [await openRoom({}, { signsIn: true }), await openRoom()]
  const { recipients } = room.opened.services
  await recipients.replace(
    recipient('both@example.org', { clearance: 'TLP:AMBER', territories: ['NC', 'PF'], name: hostile }),
  )
  await recipients.replace(recipient('half@example.org', { clearance: 'TLP:AMBER', territories: ['NC'] }))
  const made = await withNotes(room, ids)
  for (const [at, id] of ids.entries()) notes.set(id, made[at] as FlashCode)
})
afterAll(async () => {
  await room.close()
  await laptop.close()
})

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
const page = async (path: string, language = 'en', where = room) => {
  const { status, text } = await where.page(path, language)
  return { status, text: plain(text) }
}
let minutes = 0
const post = async (path: string, form: Readonly<Record<string, string>>, where = room) => {
  minutes += 1
  where.opened.at(new Date(Date.UTC(2024, 4, 21, 1, minutes)).toISOString())
  const { text, ...answer } = await where.send(path, form)
  return { ...answer, text: plain(text) }
}
const versionsOf = (territory: Parameters<typeof editionOf>[0]['territory'], where = room) =>
  where.opened.services.reports.versions({ territory, period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
const noteOf = (id: (typeof ids)[number]): FlashCode => {
  const code = notes.get(id)
  if (!code) throw new Error(`no note was made of ${id}`)
  return code
}
const pathOf = (code: string) => `/room/${code}/2024-W20/amber`
const entryOf = async (id: (typeof ids)[number]) => (await versionsOf(noteOf(id))).at(-1)
const mailed = async (territory: FlashCode | 'NC', where = room) =>
  (await where.opened.services.deliveries.about(territory, '2024-W20', 'TLP:AMBER'))
    .filter(({ state }) => state === 'SENT')
    .map(({ version }) => version)
const told = async (id: string) =>
  (await room.opened.services.history.list(200))
    .filter((one) => one.id.startsWith(id))
    .map(({ did, by, reason = '' }) => [did, by, reason])

describe('a flash note', () => {
  test('is led to from the week, the inbox and its versions, by who may approve alone', async () => {
    const path = pathOf(noteOf('one'))
    const week = await page('/room')
    for (const id of ids) expect(week.text).toContain(`href="${pathOf(noteOf(id))}#v1"`)
    expect((await page(path)).text).toContain(`href="${path}/1/decide"`)
    for (const role of ['reader', 'analyst'] as const) {
      await room.as(inRole(role, 'ana'), async () => {
        expect((await page(path)).text).not.toMatch(/\/decide|\/recall/)
        expect((await page(`${path}/1/decide`)).status).toBe(403)
        expect((await post(`${path}/1/decide`, { do: 'approve', revision: 'waits' })).status).toBe(403)
      })
    }
    for (const less of [{ territories: ['NC'] }, { clearance: 'TLP:GREEN' }] as const) {
      await room.as({ ...paul, ...less } as Partial<Caller>, async () => {
        const never = await page('/room/flash-nc-pf-0123456789ab/2024-W20/amber/1/decide')
        const there = await page(`${path}/1/decide`)
        expect(there.status).toBe(404)
        expect(there.text.replaceAll(noteOf('one'), 'flash-nc-pf-0123456789ab')).toBe(never.text)
        expect((await post(`${path}/1/decide`, { do: 'refuse', reason: 'no', revision: 'waits' })).status).toBe(404)
      })
    }
    expect(await entryOf('one')).not.toHaveProperty('approved')
  })

  test('says first whom it goes to and until when it holds; then it is approved by name, mailed and told', async () => {
    const path = `${pathOf(noteOf('one'))}/1/decide`
    await room.as(paul, async () => {
      const seen = await page(path)
      expect(seen.status).toBe(200)
      expect(seen.text).toMatch(/waits for approval.*approved.*no recipient.*one recipient.*Holds until/s)
      expect(seen.text).toContain('&quot;&gt;&lt;script&gt;')
      expect(seen.text).not.toMatch(/<script>|half@example/)
      expect(seen.text).toContain('marked-amber')
      expect(seen.text).toContain('does not record who requested the note')
      expect((await page(path, 'fr')).text).toMatch(/Ce que fait l’approbation.*un destinataire/s)
      expect((await post(path, { do: 'approve', revision: 'waits', token: 'x' })).status).toBe(403)
      const done = await post(path, { do: 'approve', revision: 'waits', reason: '' })
      expect([done.status, done.to]).toEqual([303, `${pathOf(noteOf('one'))}#v1`])
    })
    expect((await entryOf('one'))?.approved).toMatchObject({ by: 'paul@example.org' })
    expect(await mailed(noteOf('one'))).toEqual([1])
    expect(await told(noteOf('one'))).toEqual([['approved', 'paul@example.org', '']])
    expect((await page('/room')).text).not.toContain(noteOf('one'))
  })

  test('once approved it is mailed to who came later, and to nobody twice', async () => {
    await room.opened.services.recipients.replace(
      recipient('later@example.org', { clearance: 'TLP:AMBER', territories: ['NC', 'PF'] }),
    )
    const path = `${pathOf(noteOf('one'))}/1/decide`
    await room.as(vera, async () => {
      expect((await page(path)).text).toMatch(
        /approved by paul@example.org.*one recipient.*2 recipients.*later@example/s,
      )
      // The form of before.
      expect((await post(path, { do: 'refuse', reason: 'no', revision: 'waits' })).status).toBe(409)
      for (const _ of [1, 2]) expect((await post(path, { do: 'mail', revision: 'approved' })).status).toBe(303)
    })
    expect(await mailed(noteOf('one'))).toEqual([1, 1])
    await room.as(vera, async () => expect((await page(path)).text).toContain('Each of its recipients has had it'))
    expect((await entryOf('one'))?.approved?.by).toBe('paul@example.org')
    expect(await entryOf('one')).not.toHaveProperty('recalled')
  })

  test('stays approved where its mails cannot leave, which the page says, and is mailed by the next press', async () => {
    const path = `${pathOf(noteOf('seven'))}/1/decide`
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
    expect(await told(noteOf('seven'))).toEqual([['approved', 'paul@example.org', 'read']])
  })

  test('is refused with a reason, shows nothing then, and is mailed to nobody', async () => {
    const path = `${pathOf(noteOf('two'))}/1/decide`
    await room.as(paul, async () => {
      const missing = await post(path, { do: 'refuse', reason: ' ', revision: 'waits' })
      expect([missing.status, missing.text]).toEqual([422, expect.stringContaining('Write why')])
      expect((await post(path, { do: 'refuse', reason: hostile, revision: 'waits' })).status).toBe(303)
      expect((await page(path)).text).toContain('Nothing is to be decided here any more')
      const { text } = await page(pathOf(noteOf('two')))
      expect(text).toContain('refused by paul@example.org')
      expect(text).not.toMatch(/<script>|report\.en\.html/)
    })
    expect(await mailed(noteOf('two'))).toEqual([])
    expect(await told(noteOf('two'))).toEqual([['refused', 'paul@example.org', hostile]])
    await room.as(paul, async () => expect((await page('/room/history')).text).toContain('flash note refused'))
  })

  test('of two who decide at once one does, whichever way', async () => {
    const path = `${pathOf(noteOf('three'))}/1/decide`
    const both = await room.as(paul, async () =>
      Promise.all([
        post(path, { do: 'approve', reason: 'yes', revision: 'waits' }),
        post(path, { do: 'refuse', reason: 'no', revision: 'waits' }),
      ]),
    )
    expect(both.filter(({ status }) => status === 303)).toHaveLength(1)
    const entry = await entryOf('three')
    expect([entry?.approved, entry?.recalled].filter(Boolean)).toHaveLength(1)
    expect(await told(noteOf('three'))).toHaveLength(1)
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

  test('a later version that is held keeps the one before from being approved', async () => {
    const seen = await entryOf('five')
    if (!seen?.published) throw new Error('no version')
    const { published, ...rest } = seen
    await room.opened.services.reports.claim({
      ...{ ...rest, version: 2, state: 'held', held: published, reason: 'report.fr.pdf: 2 pages' },
    })
    const path = `${pathOf(noteOf('five'))}/1/decide`
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
      expect((await page(pathOf(noteOf('six')))).text).not.toContain('/decide')
      expect((await page(`${pathOf(noteOf('six'))}/1/decide`)).status).toBe(404)
    })
  })

  test('of which two editions wait is one note, and both are led to', async () => {
    room.opened.at('2024-05-21T01:50:00.000Z')
    const { services } = room.opened
    const count = async () => /(\w+) flash notes? to approve/.exec((await page('/room')).text)?.[1]
    expect(await count()).toBe('A')
    const request = await flashAsked(['zq/six'], { cap: 'TLP:AMBER+STRICT' }, services)
    await generateReport(request, services)
    const { text } = await page('/room')
    expect(await count()).toBe('A')
    for (const cap of ['amber', 'amber-strict'])
      expect(text).toContain(`href="/room/${noteOf('six')}/2024-W20/${cap}#v1"`)
  })

  test('on a laptop a person gives his name, and the page says that nobody signs in', async () => {
    const [code = ''] = await withNotes(laptop, ['here'])
    const path = `${pathOf(code)}/1/decide`
    expect((await page(path, 'en', laptop)).text).toContain('There is no sign-in on this machine')
    expect((await page('/room/inbox', 'en', laptop)).text).toContain(`href="${pathOf(code)}#v1"`)
    expect((await post(path, { do: 'approve', revision: 'waits', by: '' }, laptop)).status).toBe(422)
    expect((await post(path, { do: 'approve', revision: 'waits', by: 'Claire' }, laptop)).status).toBe(303)
    expect((await versionsOf(code as FlashCode, laptop))[0]?.approved?.by).toBe('Claire')
  })
})

describe('a version that stands', () => {
  const path = '/room/NC/2024-W20/amber'

  test('is mailed by who may ask for reports, by the job of any request and once for a button', async () => {
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
      const asked = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', deliver: 'everybody' }
      for (const one of room.queue.slice(before)) expect(one).toMatchObject(asked)
      expect(room.queue.length).toBeGreaterThan(before)
      // Nobody is mailed here: the tests below ask who was.
      room.queue.splice(before)
      for (const other of ['/1/mail', '/2/renew']) expect((await post(path + other, {})).status).toBe(404)
    })
    await room.as(inRole('analyst', 'less', { clearance: 'TLP:GREEN' } as Partial<Caller>), async () =>
      expect((await post(`${path}/2/mail`, {})).status).toBe(404),
    )
  })
})

describe('recalling a version', () => {
  const path = '/room/NC/2024-W20/amber'
  test('is for approvers, who see first who had it and what stands then', async () => {
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
    // Who may recall but sees no mail is told how many had it.
    await room.as({ ...paul, scopes: ['reports:read', 'reports:recall'] }, async () => {
      const { text } = await page(`${path}/1/recall`)
      expect(text).toContain('one more recipient')
      expect(text).not.toContain('prefet@example')
    })
  })

  test('takes a reason; then no figure shows, no file opens, the other one stands, and it is told', async () => {
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
    expect(await told('NC/2024-W20/amber')).toEqual([['recalled', 'paul@example.org', `wrong ${hostile}`]])
  })

  test('of two at once one recalls it', async () => {
    const both = await room.as(paul, async () =>
      Promise.all(['a', 'b'].map((reason) => post(`${path}/1/recall`, { do: 'do', reason }))),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([303, 409])
    expect((await told('NC/2024-W20/amber')).filter(([, , reason]) => reason !== `wrong ${hostile}`)).toHaveLength(1)
  })

  test('is in the history of who may read the edition alone', async () => {
    const of = async (changes: Partial<Caller>) => {
      const ceiling = { ...everything, ...changes }
      const done = await historyFor(ceiling, { most: 200, sender: 'nobody' }, room.opened.services)
      return done.filter(({ of: kind, id }) => kind === 'report' && id.startsWith('NC/')).length
    }
    expect(await of({ clearance: 'TLP:AMBER', territories: ['NC'] })).toBe(2)
    expect(await of({ clearance: 'TLP:GREEN', territories: ['NC'] })).toBe(0)
    expect(await of({ clearance: 'TLP:AMBER', territories: ['PF'] })).toBe(0)
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

  test('says why, and is made again once by the job of any request, mailed to nobody unless that is ticked', async () => {
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
      // A version stands after it: nothing is to be made again.
      expect((await page(path)).text).not.toContain('/renew')
      expect((await post(`${path}/2/renew`, {})).status).toBe(404)
    })
    expect((await versionsOf('PF')).at(-1)).toMatchObject({ version: 3, state: 'published' })
  })

  test('is not for who may not read the edition, nor beyond the hour’s limit', async () => {
    await hold(4)
    for (const less of [{ territories: ['NC'] }, { clearance: 'TLP:GREEN' }] as const) {
      await room.as(inRole('analyst', 'ana', less as Partial<Caller>), async () =>
        expect((await post(`${path}/4/renew`, {})).status).toBe(404),
      )
    }
    await room.as(inRole('analyst', 'eager'), async () => {
      const answers = []
      for (let times = 0; times < 121; times += 1) {
        room.opened.at('2024-05-21T05:00:00.000Z')
        answers.push(await room.post(`${path}/4/renew`, { token: formToken }, { 'accept-language': 'en' }))
      }
      expect(answers.slice(0, -1).every(({ status }) => status === 303)).toBe(true)
      expect([answers.at(-1)?.status, Number(answers.at(-1)?.headers.get('retry-after'))]).toEqual([429, 3_600])
    })
  })
})
