//! A tenant's rows deleted for good. What stays is its audit, which holds ids and states only, and that there was one.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, delete_piece};

/// Tables of `routing` have no row security: these are told the tenant.
macro_rules! delete_of_tenant {
    ($tx:expr, $($table:tt $column:tt),+ $(,)?) => {{
        let tenant = $tx.tenant().0;
        let mut gone = 0;
        $(
            gone += sqlx::query!("delete from " + $table + " where " + $column + " = $1", tenant)
                .execute($tx.conn())
                .await?
                .rows_affected();
        )+
        gone
    }};
}

/// Nobody logs in any more, and no session goes on.
pub async fn shut_out(tx: &mut TenantTx) -> Result<(), Error> {
    let gone = delete_of_tenant!(
        tx,
        "routing.logins" "tenant_id",
        "routing.refresh_tokens" "tenant_id",
        "routing.socket_tickets" "tenant_id",
        "routing.invitation_tokens" "tenant_id",
        "routing.password_resets" "tenant_id",
        "routing.second_factors" "tenant_id",
        "routing.mails" "tenant_id",
    );
    tracing::info!(tenant = %tx.tenant(), gone, "a business is closed to its people");
    Ok(())
}

/// Deletes at most so many rows of one table; none are left when it gives 0. What points to others goes first, and last of all what names the
/// business. Sealed tokens went when its channels were disconnected: without them the tenant's key, which is made of the installation's and
/// stored nowhere, opens nothing.
pub async fn piece(tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
    delete_piece!(
        tx,
        most,
        "tenants.export_parts",
        "tenants.visits",
        "tenants.invitations",
        "tenants.sessions",
        "tenants.saved_replies",
        "tenants.attachments",
        "tenants.granted_pages",
        "tenants.connect_grants",
        "tenants.wanted_pages",
        "tenants.usage_reservations",
        "tenants.usage_days",
        "tenants.channels",
        "tenants.assistant_settings",
        "tenants.users",
        "tenants.businesses",
    );
    Ok(delete_of_tenant!(
        tx,
        "routing.logins" "tenant_id",
        "routing.refresh_tokens" "tenant_id",
        "routing.socket_tickets" "tenant_id",
        "routing.invitation_tokens" "tenant_id",
        "routing.password_resets" "tenant_id",
        "routing.second_factors" "tenant_id",
        "routing.mails" "tenant_id",
        "routing.channels" "tenant_id",
        "routing.meta_users" "tenant_id",
        "routing.meta_grants" "tenant_id",
        "routing.channel_transfers" "owner_tenant_id",
        "routing.channel_transfers" "asker_tenant_id",
        "routing.usage_days" "tenant_id",
        "routing.exports" "tenant_id",
        "routing.contact_erasures" "tenant_id",
        "tenants.directory" "business_id",
    ))
}

/// Takes the tenant's other work out of the table: nothing is left that it could be about.
pub async fn drop_work(tx: &mut TenantTx, but: &[&str]) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    let but: Vec<String> = but.iter().map(|kind| (*kind).to_owned()).collect();
    sqlx::query!("delete from routing.due_work where tenant_id = $1 and kind <> all($2)", tenant, &but)
        .execute(tx.conn())
        .await?;
    Ok(())
}
