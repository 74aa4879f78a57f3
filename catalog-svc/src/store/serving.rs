//! Which model's vectors a tenant's questions are compared with. One that replaces another serves once it has something for every text;
//! until then the words alone decide, so that a change of model never makes an answer worse than they are.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;

use crate::model::Model;

/// Lets the model serve if no text lacks its vector. Texts that come later do not end it.
pub async fn complete(tx: &mut TenantTx, model: &Model) -> Result<(), Error> {
    // Texts are embedded oldest first, so the newest is the likeliest to lack its vector.
    sqlx::query!(
        "insert into catalog.serving_models (tenant_id, model)
         select $1, $2
         where not exists (select from catalog.serving_models where tenant_id = $1 and model = $2)
             and not exists (
                 select from (
                     select from catalog.products p where p.tenant_id = $1 and not exists (
                         select from catalog.vectors v
                         where v.tenant_id = $1 and v.product_id = p.product_id and v.model = $2 and v.text_hash = p.text_hash)
                     order by p.product_id desc limit 1) lacking)
             and not exists (
                 select from catalog.entries e where e.tenant_id = $1 and e.kind <> 'synonym' and not exists (
                     select from catalog.entry_vectors v
                     where v.tenant_id = $1 and v.entry_id = e.id and v.model = $2 and v.text_hash = e.text_hash))
         on conflict (tenant_id) do update set model = excluded.model",
        tx.tenant().0,
        model.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
