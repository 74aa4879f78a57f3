import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ServiceHealth } from "@/api/gen/model";
import { number } from "@/shared/money";
import { duration } from "@/shared/time";
import { PageHead } from "@/shared/ui/PageHead";
import { Badge } from "@/shared/ui/small";
import { ErrorNote, ErrorState, Loading, Skeleton } from "@/shared/ui/states";
import { Kind } from "./kinds";
import { systemQuery } from "./queries";
import { Wide } from "./Wide";

/** How the services are, a few seconds old at most. */
export function System() {
  const { t } = useTranslation("console");
  const { data, error, refetch, dataUpdatedAt } = useQuery(systemQuery);
  return (
    <>
      <PageHead title={t("nav.system")} />
      {data === undefined && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Loading>
          <Skeleton height={180} />
        </Loading>
      )}
      {data !== undefined && error !== null && <ErrorNote error={error} />}
      <div className="cd-stack">
        {data?.services.map((service) => (
          <Service key={service.service} service={service} now={dataUpdatedAt} />
        ))}
      </div>
    </>
  );
}

function Service({ service, now }: { service: ServiceHealth; now: number }) {
  const { t } = useTranslation("console");
  const { pool } = service;
  const id = `service-${service.service}`;
  return (
    <section className="cd-card cd-stack" aria-labelledby={id}>
      <div className="cd-row">
        <h2 id={id}>{service.service}</h2>
        <Badge tone={service.is_up ? "success" : "error"}>
          {t(service.is_up ? "system.up" : "system.down")}
        </Badge>
      </div>
      {!service.is_up && <p>{t("system.unknown")}</p>}
      {service.is_up && (
        <>
          <p>
            {service.unknown_sends > 0 && (
              <>
                <Badge tone="warning">
                  {t("system.unknownSends", { count: service.unknown_sends })}
                </Badge>{" "}
              </>
            )}
            {pool && t("system.pool", { open: pool.open, idle: pool.idle, most: pool.most })}
          </p>
          {service.queues.length === 0 ? (
            <p>{t("system.noQueues")}</p>
          ) : (
            <Wide label={t("system.queues", { name: service.service })}>
              <thead>
                <tr>
                  <th scope="col">{t("system.kind")}</th>
                  <th scope="col">{t("system.due")}</th>
                  <th scope="col">{t("system.leased")}</th>
                  <th scope="col">{t("system.later")}</th>
                  <th scope="col">{t("system.setAside")}</th>
                  <th scope="col">{t("system.oldest")}</th>
                </tr>
              </thead>
              <tbody>
                {service.queues.map((queue) => (
                  <tr key={queue.kind}>
                    <th scope="row">
                      <Kind kind={queue.kind} />
                    </th>
                    <td>{number(queue.due)}</td>
                    <td>{number(queue.leased)}</td>
                    <td>{number(queue.later)}</td>
                    <td>
                      {queue.set_aside > 0 ? (
                        <Link to={`/admin/work?service=${service.service}&kind=${queue.kind}`}>
                          {number(queue.set_aside)}
                        </Link>
                      ) : (
                        number(0)
                      )}
                    </td>
                    <td>{queue.oldest_due_at ? duration(age(queue.oldest_due_at, now)) : "–"}</td>
                  </tr>
                ))}
              </tbody>
            </Wide>
          )}
        </>
      )}
    </section>
  );
}

/** Seconds since a moment; a clock of the server that is ahead gives none. */
function age(since: string, now: number): number {
  return Math.max(0, (now - Date.parse(since)) / 1000);
}
