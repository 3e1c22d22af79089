/** Loads messages that only the reading room needs. */

import english from '../../../templates/messages/room.en.json' with { type: 'json' }
import french from '../../../templates/messages/room.fr.json' with { type: 'json' }
import type { Wording } from '../../domain/core/language/language.ts'
import { type MessageKey, reportWordingWith } from '../../domain/core/language/report-wording.ts'

export type RoomKey = MessageKey | keyof typeof english

export type RoomWording = Wording<RoomKey>

export const roomWordingOf = reportWordingWith({ fr: french, en: english })
