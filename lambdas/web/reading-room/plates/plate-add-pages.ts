import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import { fault } from '../../../domain/core/fault.ts'
import { pictureLimits } from '../../../domain/plate/picture.ts'
import { partnerOf, PlateError, requireCropInside, withoutUnknownPartner } from '../../../domain/plate/plate.ts'
import type { Log } from '../../../usecases/log.ts'
import { knownPlate } from '../../../usecases/plates/know-plates.ts'
import { beginUpload } from '../../../usecases/plates/open-upload.ts'
import type { PictureDoor, PlateDesk, PostedForm } from '../../../usecases/plates/picture-door.ts'
import { takeFile } from '../../../usecases/plates/take-upload.ts'
import type { Services } from '../../../usecases/services.ts'
import { policyLeadingTo } from '../../shared/security-headers.ts'
import { readSubmittedForm, fileForm, maxActionFormBytes, see } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { platePath, platesPath } from '../frame/paths.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import {
  noWords,
  plateFormValue,
  plateWordsIn,
  type PlateWords,
  uploadPath,
  uploadValue,
  type WrongFile,
  wordsAgain,
} from './plate-form.ts'

type Routes = {
  readonly showing: Showing
  readonly plates: PlateDesk
  readonly services: Pick<Services, 'plates' | 'pictures' | 'clock'>
  readonly log: Log
}

type Upload = NonNullable<Awaited<ReturnType<PlateDesk['uploads']['get']>>>

/** Bytes of the form around its file. */
const aroundFile = 16 * 1024

/** Seconds until the page of a pending image reloads. */
const lookAgain = 4

export const plateAddPages = (app: Hono, routes: Routes): void => {
  wordsRoutes(app, routes)
  fileRoutes(app, routes)
}

const uploadFor = async (
  id: string | undefined,
  { caller }: Visit,
  { uploads }: PlateDesk,
): Promise<Upload | undefined> => {
  const known = z.uuid().safeParse(id).data
  const upload = known === undefined ? undefined : await uploads.get(known)
  return upload?.who === caller.who ? upload : undefined
}

const wordsRoutes = (app: Hono, { showing, plates, services, log }: Routes): void => {
  const page = ({ words, ...visit }: Visit, typed: PlateWords): Answer => ({
    template: 'edit',
    frame: { title: words.say('room.plate.add'), at: 'plates' },
    value: plateFormValue({ words, ...visit }, typed),
    status: Object.keys(typed.wrong).length > 0 ? 422 : 200,
  })
  /** Returns the description of an existing image or an earlier attempt. */
  const wordsBefore = async (c: Context, visit: Visit): Promise<PlateWords> => {
    const { like, upload } = c.req.query()
    if (like !== undefined) {
      const plate = (await knownPlate(like, visit.caller, services)) ?? stop('nothing')
      const partner = await knownPlate(partnerOf(plate) ?? '', visit.caller, services)
      return wordsAgain(withoutUnknownPartner(plate, () => partner !== undefined))
    }
    if (upload === undefined) return noWords
    const { details, masks, by } = (await uploadFor(upload, visit, plates)) ?? stop('nothing')
    return wordsAgain(details, masks, by)
  }
  app.get(
    `${platesPath}/add`,
    showing('detections:write', async (c, visit) => page(visit, await wordsBefore(c, visit))),
  )
  app.post(
    `${platesPath}/add`,
    bodyLimit({ maxSize: maxActionFormBytes, onError: showing('detections:write', async () => stop('long')) }),
    showing('detections:write', async (c, visit) => {
      const { caller, words } = visit
      const { typed, asked } = plateWordsIn(await readSubmittedForm(c, visit), visit)
      if (!asked) return page(visit, typed)
      const partner = partnerOf(asked.details)
      const other = partner === undefined ? undefined : await knownPlate(partner, caller, services)
      if (partner !== undefined && (!other || other.removed)) {
        return page(visit, { ...typed, wrong: { partner: words.say('room.plate.partner.wrong') } })
      }
      try {
        if (asked.details.crop && other) requireCropInside(asked.details.crop, other)
      } catch (error) {
        if (!(error instanceof PlateError)) throw error
        return page(visit, { ...typed, wrong: { crop: faultWords(words, error.fault).text } })
      }
      const by = { who: caller.who, clearance: caller.clearance }
      const id = await beginUpload({ ...asked, ...by }, plates.uploads, services.clock())
      log('plate opened', { who: caller.who, by: asked.by, id })
      return see(visit, uploadPath(id))
    }),
  )
}

const fileRoutes = (app: Hono, { showing, plates, services, log }: Routes): void => {
  const { door } = plates
  const own = async (c: Context, visit: Visit): Promise<Upload> =>
    (await uploadFor(c.req.param('id'), visit, plates)) ?? stop('nothing')
  const page = async (c: Context, visit: Visit, upload: Upload, wrongFile?: WrongFile): Promise<Answer | Response> => {
    if (upload.state === 'stored' && upload.sha256 !== undefined)
      return see(visit, platePath({ sha256: upload.sha256 }))
    const { id, details } = upload
    const isRefused = upload.state === 'refused'
    const isSent = !isRefused && c.req.query('sent') === '1'
    const form = isRefused || isSent ? undefined : await formOf(c, visit, id, door, services.clock())
    const refused = isRefused
      ? { reason: upload.reason ?? fault('upload.failed'), existingPlate: upload.sha256 }
      : undefined
    return {
      template: 'plate-upload',
      frame: { title: visit.words.say('room.plate.add'), at: 'plates', markings: [details.marking] },
      value: uploadValue(visit, { id, asked: upload, form, isHere: door.is === 'here', wrongFile, refused }),
      status: wrongFile === 'large' ? 413 : wrongFile ? 422 : 200,
      headers: {
        ...(isSent && { refresh: String(lookAgain) }),
        // Only this page lets a form lead there.
        ...(form &&
          door.is === 'elsewhere' && {
            'content-security-policy': policyLeadingTo(new URL(form.action).origin),
          }),
      },
    }
  }
  app.get(
    `${platesPath}/uploads/:id`,
    showing('detections:write', async (c, visit) => page(c, visit, await own(c, visit))),
  )
  if (door.is !== 'here') return
  const tooLarge = showing('detections:write', async (c, visit) => page(c, visit, await own(c, visit), 'large'))
  app.post(
    `${platesPath}/uploads/:id/file`,
    bodyLimit({ maxSize: pictureLimits.fileBytes + aroundFile, onError: tooLarge }),
    showing('detections:write', async (c, visit) => {
      const { file } = await fileForm(c, visit)
      const upload = await own(c, visit)
      // A second submission finds the image accepted.
      if (upload.state !== 'waiting') return see(visit, uploadPath(upload.id))
      if (!file || file.size === 0) return page(c, visit, upload, 'none')
      if (file.size > pictureLimits.fileBytes) return page(c, visit, upload, 'large')
      const keeping = { ...services, uploads: plates.uploads }
      const taken = await takeFile(upload, new Uint8Array(await file.arrayBuffer()), door.decode, keeping)
      log(`plate ${taken.state}`, { who: visit.caller.who, by: taken.by, id: taken.id })
      return see(visit, uploadPath(taken.id))
    }),
  )
}

/** Returns an upload form to this server, or to the bucket with a redirect back. */
const formOf = async (c: Context, visit: Visit, id: string, door: PictureDoor, now: Date): Promise<PostedForm> => {
  if (door.is === 'here') {
    return { action: visit.href(`${uploadPath(id)}/file`), fields: [['token', visit.formToken]] }
  }
  const back = new URL(visit.href(uploadPath(id), { sent: '1' }), new URL(c.req.url).origin)
  return door.form(id, back.href, now)
}
