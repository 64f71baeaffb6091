import type { ProviderDispute, ProviderRefund } from '../../domain/provider-money';

/** Who reported money that a provider moved, and when. Plain JSON; `toldAt` in ISO 8601. */
interface Told {
  provider: string;
  toldAt: string;
}

export interface ReportedDispute extends ProviderDispute, Told {}

export interface ReportedRefund extends ProviderRefund, Told {}
