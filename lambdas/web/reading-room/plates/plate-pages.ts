import type { Context, Hono } from 'hono'
import { type Plate, PlateError } from '../../../domain/plate/plate.ts'
import type { Log } from '../../../usecases/log.ts'
import { forgetPlate } from '../../../usecases/plates/forget-plate.ts'
import {
  knownPlate,
  listPlates,
  knownPartners,
  readableShowing,
  withNaming,
} from '../../../usecases/plates/know-plates.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, readSubmittedForm, emptyWhoAndWhy, see, type WhoAndWhy } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import { shortHash } from '../frame/names.ts'
import type { Visit } from '../frame/pages.ts'
import { platePath, platesPath } from '../frame/paths.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import { platesValue, plateValue, removeValue } from './plates.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'plates' | 'pictures' | 'detections' | 'reports' | 'clock'>
  readonly log: Log
}

const rowsOnPage = 12

export const platePages = (app: Hono, routes: Routes): void => {
  const { showing, services, log } = routes
  app.get(
    platesPath,
    showing('detections:read', async (c, visit) => {
      const { caller, words } = visit
      const after = c.req.query('after')
      const found = (await listPlates({ after, limit: rowsOnPage }, caller, services)) ?? stop('cursor')
      log('plates looked at', { who: caller.who, listed: found.known.length })
      return {
        template: 'plates',
        frame: {
          title: words.say('room.plates'),
          at: 'plates',
          markings: found.known.flatMap(({ plate, namedBy, besides }) =>
            [plate, ...namedBy, ...besides.flatMap((one) => one.namedBy)].map(({ marking }) => marking),
          ),
        },
        value: platesValue(visit, found.known, { isFirst: after === undefined, next: found.next }),
      }
    }),
  )
  onePage(app, routes)
  removePages(app, routes)
}

const plateOf = async (c: Context, { caller }: Visit, { services }: Pick<Routes, 'services'>): Promise<Plate> =>
  (await knownPlate(c.req.param('hash') ?? '', caller, services)) ?? stop('nothing')

const onePage = (app: Hono, routes: Routes): void => {
  const { showing, services, log } = routes
  app.get(
    `${platesPath}/:hash`,
    showing('detections:read', async (c, visit) => {
      const { caller } = visit
      const plate = await plateOf(c, visit, routes)
      const partners = await knownPartners(plate, caller, services)
      const { namedBy, besides } = await withNaming(plate, partners, caller, services)
      const versions = await readableShowing(plate.sha256, caller, services)
      log('plate looked at', { who: caller.who, plate: plate.sha256, marking: plate.marking })
      return {
        template: 'plate',
        frame: {
          title: visit.words.say('room.plate'),
          at: 'plates',
          markings: [plate, ...namedBy, ...besides.flatMap((one) => one.namedBy), ...partners.map((one) => one.plate)]
            .map(({ marking }) => marking)
            .concat(versions.flatMap(({ published }) => published?.marking ?? [])),
        },
        value: plateValue(visit, { plate, namedBy, besides, partners, versions }),
      }
    }),
  )
  app.get(
    `${platesPath}/:hash/picture`,
    showing('detections:read', async (c, visit) => {
      const { sha256, kind, marking, removed } = await plateOf(c, visit, routes)
      const bytes = removed ? undefined : await services.pictures?.get(sha256)
      if (!bytes) return stop('nothing')
      log('picture opened', { who: visit.caller.who, plate: sha256, marking })
      // No cache: access is checked at each request.
      return new Response(new Uint8Array(bytes), {
        headers: { 'content-type': kind, 'content-disposition': 'inline', 'cache-control': 'private, no-store' },
      })
    }),
  )
}

const removePages = (app: Hono, routes: Routes): void => {
  const { showing, services, log } = routes
  const page = async (visit: Visit, plate: Plate, input: WhoAndWhy): Promise<Answer> => {
    const versions = await readableShowing(plate.sha256, visit.caller, services)
    return {
      template: 'edit',
      frame: {
        title: visit.words.say('room.plate.remove'),
        at: 'plates',
        markings: [plate.marking, ...versions.flatMap(({ published }) => published?.marking ?? [])],
      },
      value: removeValue(visit, plate, versions, input),
      status: Object.keys(input.wrong).length > 0 ? 422 : 200,
    }
  }
  const path = `${platesPath}/:hash/remove`
  app.get(
    path,
    showing('detections:write', async (c, visit) => {
      const plate = await plateOf(c, visit, routes)
      return plate.removed ? see(visit, platePath(plate)) : page(visit, plate, emptyWhoAndWhy)
    }),
  )
  app.post(
    path,
    showing('detections:write', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const plate = await plateOf(c, visit, routes)
      const input = closingIn(visit, form)
      if (form.get('do') !== 'do' || Object.keys(input.wrong).length > 0) return page(visit, plate, input)
      try {
        const { isNew } = await forgetPlate(plate, input, services)
        if (isNew) log('picture removed', { who: visit.caller.who, by: input.by, plate: shortHash(plate.sha256) })
      } catch (error) {
        if (!(error instanceof PlateError)) throw error
        return page(visit, plate, { ...input, wrong: { reason: faultWords(visit.words, error.fault).text } })
      }
      return see(visit, platePath(plate))
    }),
  )
}
