/** The reading room's own words, beside those of reports: what runs without the room does without them. */

import english from '../../../templates/messages/room.en.json' with { type: 'json' }
import french from '../../../templates/messages/room.fr.json' with { type: 'json' }
import { type MessageKey, type Wording, wordingWith } from '../../domain/core/language/language.ts'

export type RoomKey = MessageKey | keyof typeof english

export type RoomWording = Wording<RoomKey>

export const roomWordingOf = wordingWith({ fr: french, en: english })
