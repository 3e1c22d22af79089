/** Evidence images in the room: listed up to a clearance, added, named by detections, and removed with a reason. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { sha256 } from '../../../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { Plate } from '../../../../lambdas/domain/plate/plate.ts'
import { explainDetection } from '../../../../lambdas/usecases/detections/explain-detection.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { input } from '../../../support/detections.ts'
import { pictureNumber, storePlate } from '../../../support/plates.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

let room: Room
let number = 0
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())
let minutes = 0
/** Moves the clock a minute on. */
const later = () => {
  minutes += 1
  room.opened.at(new Date(Date.parse('2024-05-22T10:00:00.000Z') + minutes * 60_000).toISOString())
}
beforeEach(later)

const low = inRole('analyst', { clearance: 'TLP:GREEN', territories: ['NC'] })
const list = '/room/plates'
const of = ({ sha256: hash }: Pick<Plate, 'sha256'>, rest = '') => `${list}/${hash}${rest}`
const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll('&#x3D;', '=')
const page = async (address: string, language = 'en') => {
  const { status, text } = await room.page(address, language)
  return { status, text: spaced(text) }
}
const store = async (more: Parameters<typeof storePlate>[2] = {}) => {
  number += 1
  return storePlate(room.opened.services, number, more)
}
const words = {
  masks: '40,30,40,40\r\n100,10,20,20',
  'caption.fr': 'Une maison',
  'caption.en': 'A house',
  'alt.fr': 'Une maison de face',
  'alt.en': 'A house from the front',
  ...{ source: 'X', date: '2024-05-15', marking: 'TLP:GREEN', by: 'C. Morel', do: 'say' },
}
const sendFile = async (address: string, bytes: Uint8Array, token = formToken) => {
  const body = new FormData()
  body.set('token', token)
  body.set('file', new File([new Uint8Array(bytes)], 'GPS of C. Morel.png', { type: 'image/png' }))
  const answer = await room.app.request(`http://127.0.0.1${address}`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    body,
  })
  return { status: answer.status, text: spaced(await answer.text()), to: answer.headers.get('location') ?? '' }
}
/** Sends the description and the file. @returns where the browser is then */
const add = async (form: Readonly<Record<string, string>>, bytes: Uint8Array) => {
  const { status, to: upload } = await room.send(`${list}/add`, form)
  expect([status, upload]).toEqual([303, expect.stringMatching(/^\/room\/plates\/uploads\/[0-9a-f-]{36}$/)])
  expect((await sendFile(`${upload}/file`, bytes)).to).toBe(upload)
  const seen = await room.get(upload, { 'accept-language': 'en' })
  return { upload, status: seen.status, to: seen.headers.get('location') ?? '', text: spaced(await seen.text()) }
}
const plates = async () => (await room.opened.services.plates.list()).length
const history = async () => (await room.opened.services.history.list(50)).filter((one) => one.of === 'plate')

describe('the list', () => {
  test('has the images up to a clearance, the newest first, and nothing above', async () => {
    const [green, red] = [await store(), await store({ marking: 'TLP:RED', caption: { fr: 'Secrète', en: 'Secret' } })]
    later()
    const newest = await store({ caption: { fr: 'Dernière', en: 'The latest' } })
    const all = await page(list)
    expect(all.text.indexOf(newest.sha256)).toBeLessThan(all.text.indexOf(green.sha256))
    expect(all.text).toContain(red.sha256)
    expect(all.text).toMatch(/alt="Drawing of a house"/)
    expect((await page(list, 'fr')).text).toMatch(/alt="Schéma d’une maison"/)
    await room.as(low, async () => {
      const seen = await page(list)
      expect(seen.text).toContain(newest.sha256)
      expect(seen.text).not.toMatch(new RegExp(`${red.sha256}|Secret|TLP:RED`))
      for (const rest of ['', '/picture', '/remove']) {
        const [hidden, none] = [await page(of(red, rest)), await page(`${list}/${'0'.repeat(64)}${rest}`)]
        expect([hidden.status, hidden.text.replaceAll(red.sha256, '0'.repeat(64))]).toEqual([404, none.text])
      }
    })
    await room.as(inRole('reader'), async () => expect((await page(list)).status).toBe(403))
  })

  test('has further pages, with each image once', async () => {
    for (let more = 0; more < 14; more += 1) {
      later()
      await store()
    }
    const hashesOn = (text: string) => [
      ...new Set([...text.matchAll(/href="\/room\/plates\/([0-9a-f]{64})"/g)].map(([, hash]) => hash)),
    ]
    const first = await page(list)
    const next = /href="(\/room\/plates\?after=[0-9a-f]{64})"/.exec(first.text)?.[1] ?? ''
    const second = await page(next)
    const all = [...hashesOn(first.text), ...hashesOn(second.text)]
    expect(hashesOn(first.text)).toHaveLength(12)
    expect([all.length, new Set(all).size]).toEqual([await plates(), await plates()])
    expect((await page(`${list}?after=${'0'.repeat(64)}`)).status).toBe(400)
  })
})

test('a picture is served with its stored bytes and type, is not cached, and its opening is logged', async () => {
  const plate = await store()
  const answer = await room.get(of(plate, '/picture'))
  expect(answer.status).toBe(200)
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(plate.sha256)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  })
  expect(room.logged.at(-1)).toMatchObject({
    what: 'picture opened',
    facts: { plate: plate.sha256, marking: 'TLP:GREEN' },
  })
  await room.as(undefined, async () => expect((await room.get(of(plate, '/picture'))).status).toBe(401))
})

describe('adding an image', () => {
  test('takes the description first, then the file, and keeps the masked picture alone', async () => {
    const file = pictureNumber(900)
    const added = await add(words, file)
    const hash = sha256(file)
    expect(added).toMatchObject({ status: 303, to: `${list}/${hash}` })
    const [plate] = await room.opened.services.plates.named([hash])
    expect(plate).toMatchObject({ masks: 2, by: 'C. Morel', marking: 'TLP:GREEN', caption: { en: 'A house' } })
    expect((await history())[0]).toMatchObject({ did: 'added', id: hash, by: 'C. Morel' })
    const seen = await page(`${list}/${hash}`)
    expect(seen.text).toMatch(/A house from the front.*two|2 regions/s)
    // The same once more is the same image, and its upload is over.
    expect((await add(words, file)).to).toBe(`${list}/${hash}`)
    expect((await sendFile(`${added.upload}/file`, pictureNumber(901))).to).toBe(added.upload)
    expect(await room.opened.services.plates.named([sha256(pictureNumber(901))])).toEqual([])
  })

  test.each([
    ['neither regions nor a statement that there are none', { masks: '' }, 'masks'],
    ['both', { nothing: 'yes' }, 'masks'],
    ['an invalid region', { masks: '1,2,3' }, 'masks'],
    ['no caption in one language', { 'caption.fr': ' ' }, 'caption.fr'],
    ['no marking', { marking: '' }, 'marking'],
    ['an invalid address', { archive: 'javascript:alert(1)' }, 'archive'],
    ['changes in one language', { 'changes.fr': 'Recadrage' }, 'changes.en'],
    ['a pair without its role', { partner: 'a'.repeat(64) }, 'role'],
    ['an unknown pair', { partner: 'a'.repeat(64), role: 'diverted' }, 'partner'],
    ['an invalid hash', { partner: 'x', role: 'original' }, 'partner'],
    ['an invalid crop', { crop: '1,2,3,0' }, 'crop'],
    ['a crop of an original', { partner: 'a'.repeat(64), role: 'original', crop: '1,2,3,4' }, 'crop'],
    ['no name', { by: '' }, 'by'],
  ])('refuses %s, at the field, and keeps nothing', async (_, wrong, name) => {
    const { status, text } = await room.send(`${list}/add`, { ...words, ...wrong })
    expect([status, text.includes(`id="${name}-wrong"`)]).toEqual([422, true])
    expect(text).toContain('A house')
  })

  test('refuses a marking above the caller, and pairs with no image that the caller may not know', async () => {
    const red = await store({ marking: 'TLP:RED' })
    await room.as(low, async () => {
      expect((await room.page(`${list}/add`)).text).not.toContain('TLP:AMBER')
      expect((await room.send(`${list}/add`, { ...words, marking: 'TLP:AMBER' })).status).toBe(422)
      const [hidden, none] = await Promise.all(
        [red.sha256, 'a'.repeat(64)].map((partner) =>
          room.send(`${list}/add`, { ...words, partner, role: 'diverted' }),
        ),
      )
      expect([hidden?.status, hidden?.text.replaceAll(red.sha256, 'a'.repeat(64))]).toEqual([422, none?.text])
    })
  })

  test('takes the region of its original that it shows, and shows it with the original alone', async () => {
    const original = await store({ marking: 'TLP:AMBER' })
    const pair = { ...words, partner: original.sha256, role: 'diverted' }
    const beyond = await room.send(`${list}/add`, { ...pair, crop: '150,0,11,10' })
    expect([beyond.status, spaced(beyond.text)]).toEqual([
      422,
      expect.stringContaining('the crop 150,0,11,10 reaches beyond the original, which has 160 × 100 pixels'),
    ])
    const added = await add({ ...pair, crop: ' 120,10,40,30 ' }, pictureNumber(950))
    const diverted = { sha256: added.to.split('/').at(-1) ?? '' }
    expect(await room.opened.services.plates.named([diverted.sha256])).toMatchObject([
      { crop: { x: 120, y: 10, width: 40, height: 30 }, divertedFrom: original.sha256 },
    ])
    expect((await page(of(diverted))).text).toMatch(/Region of its original that it shows.*120,10,40,30/s)
    expect((await page(`${list}/add?like=${diverted.sha256}`)).text).toContain('value="120,10,40,30"')
    await room.as(low, async () => {
      for (const address of [of(diverted), `${list}/add?like=${diverted.sha256}`]) {
        const { status, text } = await page(address)
        expect(status).toBe(200)
        expect(text).not.toMatch(new RegExp(`120,10,40,30|${original.sha256}`))
      }
    })
  })

  test('shows what is wrong with a file, and lets the description be corrected', async () => {
    const before = await plates()
    const refused = await add(words, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    expect(refused.status).toBe(200)
    expect(refused.text).toContain('a picture is a PNG, a JPEG or a WebP')
    const again = await page(`${list}/add?upload=${refused.upload.split('/').at(-1)}`)
    expect(again.text).toMatch(/40,30,40,40\n100,10,20,20.*A house from the front/s)
    const beyond = await add({ ...words, masks: '0,0,999,999' }, pictureNumber(902))
    expect(beyond.text).toMatch(/the mask 0,0,999,999 reaches beyond the picture/)
    expect(await plates()).toBe(before)
  })

  test('names an existing image with the same picture to who may know it alone', async () => {
    const [open, red] = [await store(), await store({ marking: 'TLP:RED' })]
    const known = await add(words, pictureNumber(number - 1))
    expect(known.text).toMatch(/with other texts or masks/)
    expect(known.text).toContain(of(open))
    await room.as({ ...low, who: 'other' }, async () => {
      const hidden = await add(words, pictureNumber(number))
      expect(hidden.text).toContain('it cannot be added: ask who runs this service')
      expect(hidden.text).not.toMatch(new RegExp(`${red.sha256}|C. Morel, |RED`))
    })
  })

  test('is for its own author, in this session, up to a number of bytes', async () => {
    const { to } = await room.send(`${list}/add`, { ...words, 'caption.en': hostile, source: hostile })
    const seen = await room.page(to)
    expect(seen.text).not.toContain('<script>')
    expect(seen.text).toContain('&lt;script&gt;')
    await room.as({ who: 'another' }, async () => expect((await room.page(to)).status).toBe(404))
    expect((await sendFile(`${to}/file`, pictureNumber(903), 'another token')).status).toBe(403)
    expect((await sendFile(`${to}/file`, new Uint8Array())).status).toBe(422)
    expect((await sendFile(`${to}/file`, new Uint8Array(20_000_001))).status).toBe(413)
    expect(await room.opened.services.plates.named([sha256(pictureNumber(903))])).toEqual([])
  })
})

const lockOn = async (id: string) =>
  /name="revision" value="([^"]+)"/.exec((await page(`/room/detections/${id}/correct`)).text)?.[1] ?? ''

describe('a detection', () => {
  test('names images by its correction form, and keeps those that the analyst may not know', async () => {
    const [green, red, other] = [await store(), await store({ marking: 'TLP:RED' }), await store()]
    const record = input({ id: 'plated-1', territories: ['NC'], marking: 'TLP:GREEN', plates: [red.sha256] })
    await ingestInto(room.opened, [record])
    const correct = '/room/detections/plated-1/correct'
    await room.as(low, async () => {
      const form = { revision: '1', plates: green.sha256, by: 'Ana', reason: 'shown' }
      expect((await page(correct)).text).not.toContain(red.sha256)
      const unknown = await room.send(correct, { ...form, do: 'look', plates: red.sha256 })
      expect([unknown.status, unknown.text.includes('plates-wrong')]).toEqual([422, true])
      const look = await room.send(correct, { ...form, do: 'look' })
      expect([look.status, look.text.includes(red.sha256.slice(0, 16))]).toEqual([200, false])
      expect(look.text).toContain(green.sha256.slice(0, 16))
      expect(await room.send(correct, { ...form, do: 'do' })).toMatchObject({ status: 303 })
      const shown = await page('/room/detections/plated-1')
      expect(shown.text).toContain(of(green, '/picture'))
      expect(shown.text).not.toContain(red.sha256)
      expect((await page('/room/history')).text).not.toContain('evidence images')
    })
    expect((await room.opened.services.detections.latest('plated-1'))?.plates).toEqual([green.sha256, red.sha256])
    expect((await page('/room/detections/plated-1')).text).toContain(of(red, '/picture'))

    // The list and each image name it, to who may know it.
    expect((await page(of(green))).text).toContain('/room/detections/plated-1')
    expect((await page(of(other))).text).not.toContain('/room/detections/plated-1')
    await room.as({ ...low, territories: ['PF'] }, async () => {
      expect((await page(of(green))).text).not.toContain('plated-1')
    })

    // With the field emptied it keeps those that the analyst may not know.
    later()
    const emptied = { plates: '', by: 'Ana', reason: 'the wrong one', do: 'do' }
    await room.as(low, async () => {
      const revision = await lockOn('plated-1')
      expect(await room.send(correct, { ...emptied, revision })).toMatchObject({ status: 303 })
      expect((await page('/room/detections/plated-1')).text).not.toContain(`${list}/`)
    })
    expect((await room.opened.services.detections.latest('plated-1'))?.plates).toEqual([red.sha256])
    later()
    expect(await room.send(correct, { ...emptied, revision: await lockOn('plated-1') })).toMatchObject({ status: 303 })
    expect((await room.opened.services.detections.latest('plated-1'))?.plates).toBeUndefined()
  })

  test('whose lower marking waits shows its approver no image above their clearance', async () => {
    const red = await store({ marking: 'TLP:RED' })
    await ingestInto(room.opened, [input({ id: 'plated-6', territories: ['NC'], marking: 'TLP:AMBER' })])
    const form = { revision: '1', marking: 'TLP:GREEN', plates: red.sha256, by: 'Ana', reason: 'published', do: 'do' }
    const asked = await room.send('/room/detections/plated-6/correct', form)
    expect(asked).toMatchObject({ status: 303, to: '/room/inbox#lowered' })
    const [record] = await Array.fromAsync(room.opened.services.detections.contested('plated-6'))
    const address = `/room/detections/plated-6/lower/${record?.sha256}`
    expect((await page(address)).text).toContain(red.sha256.slice(0, 16))
    await room.as(inRole('analyst', { clearance: 'TLP:AMBER', territories: ['NC'] }), async () => {
      const seen = await page(address)
      expect(seen.status).toBe(200)
      expect(seen.text).not.toMatch(new RegExp(`${red.sha256.slice(0, 16)}|vidence images<`))
    })
  })

  test('that was withdrawn or names another image now is no longer listed with the image', async () => {
    const [first, second] = [await store(), await store()]
    await ingestInto(room.opened, [input({ id: 'plated-2', territories: ['NC'], plates: [first.sha256] })])
    expect((await page(of(first))).text).toContain('plated-2')
    const revision = await lockOn('plated-2')
    const form = { revision, plates: second.sha256, by: 'Ana', reason: 'the other', do: 'do' }
    expect((await room.send('/room/detections/plated-2/correct', form)).status).toBe(303)
    // No number counts images: of two users who saw the same ones, the other gets the conflict all the same.
    expect(await room.send('/room/detections/plated-2/correct', { ...form, plates: '' })).toMatchObject({ status: 409 })
    expect((await page(of(first))).text).not.toContain('plated-2')
    expect((await page(of(second))).text).toContain('plated-2')
    later()
    const { detections, clock } = room.opened.services
    await detections.withdraw('plated-2', { by: 'a test', reason: 'a test' }, clock())
    expect((await page(of(second))).text).not.toContain('plated-2')
  })
})

test('an original names its diversions and their detections, up to the reader’s clearance', async () => {
  const original = await store({ marking: 'TLP:GREEN' })
  const diversion = (fr: string, en: string, marking: 'TLP:GREEN' | 'TLP:AMBER') =>
    store({ divertedFrom: original.sha256, marking, caption: { fr, en } })
  const first = await diversion('Une', 'One', 'TLP:GREEN')
  const second = await diversion('Deux', 'Two', 'TLP:AMBER')
  const alone = await diversion('Trois', 'Three', 'TLP:GREEN')
  await ingestInto(room.opened, [
    input({ id: 'beside-1', territories: ['NC'], marking: 'TLP:GREEN', plates: [first.sha256] }),
    input({ id: 'beside-2', territories: ['NC'], marking: 'TLP:AMBER', plates: [first.sha256, second.sha256] }),
  ])
  later()
  const { text } = await page(of(original))
  expect(text).toContain('None that you may know of names it itself.')
  expect(text).toMatch(/It is the original of:.*One.*beside-1.*beside-2/s)
  expect(text).toMatch(/It is the original of:.*Two.*beside-2/s)
  expect(text).toMatch(/Three.*No detection that you may know of names it/s)
  expect((await page(list)).text).toMatch(/shown next to pictures that 2 detections name: .*beside-1.*beside-2/s)
  await room.as(low, async () => {
    const seen = await page(of(original))
    expect(seen.text).toMatch(/It is the original of:.*One.*beside-1/s)
    expect(seen.text).not.toMatch(new RegExp(`beside-2|Two|${second.sha256}|AMBER`))
    expect((await page(list)).text).toMatch(/shown next to a picture that one detection names: .*beside-1/s)
  })
  // A diversion is named itself: its original has no other detections.
  expect((await page(of(alone))).text).toContain('None that you may know of. A detection')
})

test('the page of a detection reads it once, images and all', async () => {
  const plate = await store()
  await ingestInto(room.opened, [input({ id: 'read-once', territories: ['NC'], plates: [plate.sha256] })])
  later()
  const { services } = room.opened
  const reading = vi.spyOn(services.detections, 'stored')
  const explained = await explainDetection('read-once', undefined, everything, services)
  const ids = reading.mock.calls.flat(2)
  reading.mockRestore()
  expect(explained?.plates.map(({ sha256: hash }) => hash)).toEqual([plate.sha256])
  expect(ids).toEqual(['read-once'])
  expect((await page('/room/detections/read-once')).text).toContain(of(plate))
})

describe('removing an image', () => {
  test('shows first which versions hold it; then the picture is gone, and they link to their recall', async () => {
    const plate = await store()
    const record = input({ id: 'plated-3', territories: ['NC'], marking: 'TLP:GREEN', plates: [plate.sha256] })
    await ingestInto(room.opened, [record])
    const asked = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    const { report } = await generateReport(asked, room.opened.services)
    const seen = await page(of(plate, '/remove'))
    expect(seen.text).toMatch(/One published version that you may read holds it/)
    expect(seen.text).toContain(`Version ${report.version}`)
    const nameless = await room.send(of(plate, '/remove'), { do: 'do', by: 'A. Roy', reason: '' })
    expect([nameless.status, (await room.get(of(plate, '/picture'))).status]).toEqual([422, 200])

    await room.as(inRole('reader'), async () =>
      expect((await room.send(of(plate, '/remove'), { do: 'do', by: 'x', reason: 'x' })).status).toBe(403),
    )
    later()
    const form = { do: 'do', by: 'A. Roy', reason: hostile }
    expect(await room.send(of(plate, '/remove'), form)).toMatchObject({ status: 303, to: of(plate) })
    const gone = await page(of(plate))
    expect(gone.text).toContain('Removed by A. Roy')
    expect(gone.text).not.toContain('<script>')
    expect(gone.text).toContain(`/room/NC/2024-W20/amber/${report.version}/recall`)
    expect((await room.get(of(plate, '/picture'))).status).toBe(404)
    expect(await room.opened.services.pictures?.get(plate.sha256)).toBeUndefined()
    expect((await history()).filter(({ id }) => id === plate.sha256)).toMatchObject([
      { did: 'forgotten' },
      { did: 'added' },
    ])
    expect((await page(list)).text).toContain('Picture removed')
    expect((await page('/room/history')).text).toMatch(/picture removed/)
    // It is removed once: the form leads to its result.
    expect((await room.get(of(plate, '/remove'))).status).toBe(303)
    await room.as(inRole('analyst'), async () => expect((await page(of(plate))).text).not.toContain('/recall"'))
    await room.as(low, async () => {
      const text = (await page(of(plate))).text
      expect(text).not.toContain('/room/NC/2024-W20/amber')
    })
  })
})
