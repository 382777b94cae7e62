from django.urls import path

from apps.accounts.passkeys import views

app_name = "passkeys"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("make/options/", views.make_options, name="make-options"),
    path("make/", views.make, name="make"),
    path("<uuid:passkey_id>/end/", views.end, name="end"),
    path("use/options/", views.use_options, name="use-options"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("confirm/", views.confirm, name="confirm"),
]
