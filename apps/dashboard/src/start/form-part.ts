import type { AddressSettings } from '../routing/address.ts';
import type { StartFaults } from './start-request.ts';
import type { StartSettings } from './start-settings.ts';

/** What the parts of the form are given. */
export interface FormPart {
  readonly settings: StartSettings;
  /** Told once the plan was asked for. */
  readonly faults: StartFaults;
  readonly set: (changes: Parameters<AddressSettings['set']>[0]) => void;
}
